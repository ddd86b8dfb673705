import { isInstanceId } from "../../../protocol/index.ts";
import { openFinding } from "../../findings/open.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** An execution has ended without having told anybody why: it was cut off, or failed where nothing was foreseen. */
export async function followExecution(
  { detail }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { executionArn, name, status, error, cause } = detail;
  // Told of the flow, where it was about no instance: one that is cut off each time is told of once.
  const subject = instanceOf(detail.input) ?? flowOf(executionArn);
  const why = [error, cause].filter(Boolean).join(": ").slice(0, 500);
  const said = `The execution ${name} ended ${status}${why === "" ? "." : `, with ${why}`}`;
  neighbours.journal.info("followed", { subject, execution: executionArn, status });
  await openFinding({ subject, cause: "ExecutionCutOff", execution: executionArn, facts: { said } }, neighbours);
  return {};
}

/** The name of its flow, e.g. `fleet-rotation`. */
function flowOf(executionArn: string): string {
  const [, , , , , , stateMachine = ""] = executionArn.split(":");
  return stateMachine.replace(/^keyturn-/, "");
}

/** The instance that an execution was about; undefined where its input does not say. */
function instanceOf(input: string | null | undefined): string | undefined {
  try {
    const { id } = JSON.parse(input ?? "{}") ?? {};
    return isInstanceId(id) ? id : undefined;
  } catch {
    // It was started with something that is no JSON, which may be why it failed.
    return undefined;
  }
}
