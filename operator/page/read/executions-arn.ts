import { machineNameOf } from "../../../functions/shared/names.ts";
import { arnAt } from "../../../protocol/index.ts";
import { misused } from "../../exits.ts";
import type { Account, Place } from "../../place/place.ts";
import { LISTED_FLOWS, type ListedFlow } from "../wire/executions.ts";

/** @throws Stopped (2) where there is no such flow, or none that can be listed */
export function listedFlow(text: string, { names }: Pick<Place, "names">): ListedFlow {
  const flow = LISTED_FLOWS.find((one) => one === text);
  if (flow !== undefined) return flow;
  if (text === "registration") throw misused(ofRegistration(names.registrationLog));
  throw misused(`There is no flow ${shown(text)}: the flows are ${LISTED_FLOWS.join(", ")}.`);
}

const ofRegistration = (log: string) =>
  `Registrations are Express executions, which Step Functions does not list: the log group ${log} has the history of each.`;

/** The ARN of a flow's state machine. */
export function machineArnIn({ prefix }: Pick<Place, "prefix">, account: Account, flow: ListedFlow): string {
  return arnAt(account, "states", `stateMachine:${machineNameOf(flow, prefix)}`);
}

/** AWS takes no longer one. */
const LONGEST_ARN = 256;
/** What a name may have in it, in AWS. */
const NAME = '[^\\s<>{}\\[\\]?*"#%\\\\^|~`$&,;:/]{1,80}';
const NAME_ONLY = new RegExp(`^${NAME}$`);
const ITEM = /^[\w-]{1,40}$/;

/** An execution of one of the flows; `map` where it is that of an item of a Map. */
export interface ExecutionName {
  flow: ListedFlow;
  name: string;
  map?: string;
}

/**
 * Which execution an ARN means: one of a flow of this deployment, or of an item of its Map.
 *
 * @param account where the deployment is
 * @throws Stopped (2) where it is none, or one of something else: nothing else is asked for
 */
export function executionNamed(arn: string, place: Pick<Place, "prefix" | "names">, account: Account): ExecutionName {
  const whole = arnAt(account, "states", "execution:");
  const [, , , , , kind = "", machine = "", name = "", ...more] = arn.split(":");
  if (kind === "express" && machine === machineNameOf("registration", place.prefix)) {
    throw misused(ofRegistration(place.names.registrationLog));
  }
  const [named = "", map, ...rest] = machine.split("/");
  const flow = LISTED_FLOWS.find((one) => machineNameOf(one, place.prefix) === named);
  const isOurs = arn.startsWith(whole) && flow !== undefined;
  const isForm = arn.length <= LONGEST_ARN && NAME_ONLY.test(name) && more.length === 0 && rest.length === 0;
  if (!isOurs || !isForm || (map !== undefined && !ITEM.test(map))) {
    throw misused(
      `${shown(arn)} is no execution of this deployment: its executions are ${whole}${place.prefix}-FLOW:NAME.`,
    );
  }
  return { flow, name, ...(map !== undefined && { map }) };
}

/** As much of what somebody typed as one reads. */
function shown(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}

const ID = /^[0-9a-f]{6}$/;
const VERSION = /-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-\d+)?$/;

/**
 * Whom an execution is about, as its name says it where Keyturn has named it: `a1b2c3-due-…`, `rekey-a1b2c3-…`, or
 * `orders-db-VERSION-1`. The last part of a name tells two of the same second apart.
 */
export function aboutOf({ flow, name }: Pick<ExecutionName, "flow" | "name">): string | undefined {
  if (flow === "credential") return VERSION.test(name) ? name.replace(VERSION, "") : undefined;
  if (/^[0-9a-f]{8}-/.test(name)) return undefined;
  const parts = name.split("-");
  return parts.find((part, at) => ID.test(part) && (at === 0 || at < parts.length - 1));
}
