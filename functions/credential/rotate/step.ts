import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { printable } from "../../shared/printable.ts";
import { readableCause } from "../../shared/readable-cause.ts";
import { demandCredential } from "../demand-credential.ts";
import { findLastTry, type Rotation, startNextTry, type Try, tryName } from "../tries.ts";
import { contract } from "./contract.ts";

type Neighbours = NeighboursOf<typeof contract>;

/** What is left of the function's own time when it gives up waiting, so that it can say so. */
const SPARE_MS = 20_000;
/** Between one look and the next: most turns take a second or two, and some wait for a database that is away. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 5000;
/** For how long labels and executions may be shown as they were before. */
const LAG_MS = 5000;

/**
 * Secrets Manager's rotation function: it calls this four times for a version, each perhaps twice, and once more after a
 * failure. Behind them stands one execution of the flow, which does the work: the first call starts it, the last one waits
 * until the version is current.
 *
 * @throws StepError UnknownCredential; RotationFailed with what ended the execution; RotationUnderWay where it takes longer
 *   than a function may: Secrets Manager calls again
 */
export async function rotate(
  { Step, SecretId, ClientRequestToken: token }: InputOf<typeof contract>,
  neighbours: Neighbours,
): Promise<OutputOf<typeof contract>> {
  const { name: secret } = demandCredential(nameOf(SecretId), neighbours);
  const rotation = { secret, token };
  if (Step === "createSecret") await start(rotation, neighbours);
  if (Step === "testSecret") await test(rotation, neighbours);
  if (Step === "finishSecret") await finish(rotation, neighbours);
  return {};
}

/** The name in a secret's ARN: before the hyphen and the six characters that Secrets Manager puts after it. */
function nameOf(secretId: string): string {
  const [, name] = /^arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:(.+)-[A-Za-z0-9]{6}$/.exec(secretId) ?? [];
  return printable(name ?? secretId);
}

/** One execution for a token; after one that failed the next, as long as there is something to turn. */
async function start(rotation: Rotation, neighbours: Neighbours): Promise<void> {
  const last = await findLastTry(rotation, neighbours);
  if (last !== undefined) {
    if (last.end.status === "RUNNING" || last.end.status === "SUCCEEDED") return;
    const stages = await neighbours.secrets.stages(rotation.secret);
    if (stages?.pending !== rotation.token || stages.current === rotation.token) return;
  }
  await startNextTry(rotation, { last, trigger: "secretsmanager" }, neighbours);
}

/**
 * Where an execution of the token stands behind it, that tests what it turns. Where none does, Secrets Manager was asked to
 * switch rotation on and turn nothing yet: whether the current credential is accepted is all that can be tested.
 */
async function test(rotation: Rotation, neighbours: Neighbours): Promise<void> {
  const { executions, now, wait } = neighbours;
  const giveUpAt = now() + contract.timeoutSeconds * 1000 - SPARE_MS;
  if ((await findLastTry(rotation, neighbours)) !== undefined) return;
  // It may have been started a moment ago.
  await wait(LAG_MS);
  if ((await findLastTry(rotation, neighbours)) !== undefined) return;
  const { secret, token } = rotation;
  const name = tryName(rotation, "test");
  await executions.start({ flow: "credential", name, input: { secret, token, test: true, trigger: "secretsmanager" } });
  for await (const _ of looksUntil(giveUpAt, neighbours)) {
    const end = await executions.find({ flow: "credential", name });
    if (end === undefined || end.status === "RUNNING") continue;
    if (end.status === "SUCCEEDED") return;
    throw failed(`The test of ${secret}`, { n: 1, name, end });
  }
  throw new StepError("RotationUnderWay", `The test of ${secret}, execution ${name}, goes on. Ask again.`);
}

/** Waits until the version is current. Its execution then goes on, and waits for the consumers. */
async function finish(rotation: Rotation, neighbours: Neighbours): Promise<void> {
  const { secrets, now } = neighbours;
  const { secret, token } = rotation;
  const giveUpAt = now() + contract.timeoutSeconds * 1000 - SPARE_MS;
  let overSince: number | undefined;
  for await (const _ of looksUntil(giveUpAt, neighbours)) {
    const stages = await secrets.stages(secret);
    if (stages?.current === token) return;
    const last = await findLastTry(rotation, neighbours);
    if (last?.end.status === "RUNNING" && stages?.pending === token) {
      overSince = undefined;
      continue;
    }
    overSince ??= now();
    if (now() - overSince >= LAG_MS) throw failed(`The rotation of ${secret}`, last);
  }
  const why = `The rotation of ${secret} takes longer than this function may. It goes on; Secrets Manager asks again.`;
  throw new StepError("RotationUnderWay", why);
}

/** A look now, and then ever more rarely, until a moment in milliseconds since 1970. */
async function* looksUntil(giveUpAt: number, { now, wait }: Neighbours): AsyncGenerator<void> {
  for (let ms = FIRST_WAIT_MS; ; ms = Math.min(ms * 1.5, LONGEST_WAIT_MS)) {
    yield;
    if (now() + ms > giveUpAt) return;
    await wait(ms);
  }
}

/** @param what has failed, e.g. `The rotation of orders/db` */
function failed(what: string, last: Try | undefined): StepError {
  if (last === undefined) {
    return new StepError("RotationFailed", `${what} has no execution of the flow behind it. Ask for a rotation again.`);
  }
  const { name, end } = last;
  const { status, error, cause } = end;
  if (status === "SUCCEEDED" || status === "RUNNING") {
    const why = "its version is not pending any more, since another one was faster or its label was taken off.";
    return new StepError("RotationFailed", `${what} turned nothing: ${why} The execution is ${name}.`);
  }
  const said = [error || status, printable(readableCause(cause))].filter((words) => words !== "").join(": ");
  return new StepError("RotationFailed", `${what} failed in the execution ${name}: ${said}`);
}
