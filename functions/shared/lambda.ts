import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics } from "@aws-lambda-powertools/metrics";
import middy from "@middy/core";
import type { InputOf, OutputOf, StepContract } from "./contract.ts";
import { INVALID_INPUT, StepError } from "./errors.ts";
import { checkInput } from "./input.ts";
import type { Journal } from "./journal.ts";
import { nameError } from "./name-error.ts";
import { type MakersOf, type NeighboursOf, neighboursFor, settingsOf } from "./neighbours.ts";
import { readSettings } from "./settings.ts";

/**
 * Makes a step into a Lambda handler: reads its settings and makes its neighbours once, when the function starts; checks
 * the input at the edge, logs and counts, and gives errors the names that the state machines know.
 *
 * @param makers of the neighbours that the contract names; each stands beside its client, so that a function is bundled
 *   with the clients that it uses and no other
 * @throws Error that lists every setting that is missing
 */
export function lambdaOf<Contract extends StepContract>(
  contract: Contract,
  step: (input: InputOf<Contract>, neighbours: NeighboursOf<Contract>) => Promise<OutputOf<Contract>>,
  makers: MakersOf<Contract>,
) {
  const logger = new Logger({ serviceName: contract.name });
  const settings = readSettings(settingsOf(contract));
  const neighbours = neighboursFor(contract, makers, settings, (prefix) => {
    // One service name for all steps of a deployment, or the dimension `service` would split its metrics by step.
    return journalOf(logger, new Metrics({ namespace: "Keyturn", serviceName: prefix }));
  });

  const handle = async (event: unknown): Promise<OutputOf<Contract>> => {
    try {
      const input = checkInput(contract.input, event);
      if (!input.ok) throw new StepError(INVALID_INPUT, `${contract.name}: ${input.field} ${input.problem}`);
      return await step(input.value as InputOf<Contract>, neighbours);
    } catch (error) {
      const named = nameError(error);
      logger.warn("step failed", { error: named.name, reason: named.message });
      throw named;
    }
  };

  return middy()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(handle);
}

function journalOf(logger: Logger, metrics: Metrics): Journal {
  return {
    info: (message, identifiers = {}) => logger.info(message, identifiers),
    count(metric, dimensions = {}) {
      // Each goes into a record of its own, written at once: dimensions do not stick to the next.
      const single = metrics.singleMetric();
      for (const [name, value] of Object.entries(dimensions)) single.addDimension(name, value);
      single.addMetric(metric, "Count", 1);
    },
    duration: (metric, milliseconds) => metrics.singleMetric().addMetric(metric, "Milliseconds", milliseconds),
  };
}
