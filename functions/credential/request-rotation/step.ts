import { lineOf } from "../../audit/line.ts";
import { openFinding } from "../../findings/open.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { printable } from "../../shared/printable.ts";
import { alterCredential, putCredentialLines, withLine } from "../alter.ts";
import { findLastTry, type Rotation, type Try, tryName } from "../tries.ts";
import type { contract } from "./contract.ts";

type Event = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/** So many requests are remembered of a credential: an execution reads its own soon after it was noted. */
const REMEMBERED = 10;
/** How often it is looked for the execution of a version that is pending, and for how long in between. */
const LOOKS = 6;
const BETWEEN_LOOKS_MS = 2000;

/**
 * Somebody asks for a credential to be turned. How is noted under the event's own ID, which is the token of the rotation that
 * Secrets Manager is then asked for: its execution finds it there. The same event again asks for nothing more.
 *
 * A version that is pending keeps Secrets Manager from taking another one. Where nothing turns it, it was left behind: its
 * label comes off, and it is asked again. Whoever asks for what cannot be had is told of it, and nothing is thrown.
 */
export async function requestRotation(
  { id: token, detail }: Event,
  neighbours: Neighbours,
): Promise<OutputOf<typeof contract>> {
  const { secret } = detail;
  const known = neighbours.credentialSettings.map(({ name }) => name);
  if (!known.includes(secret)) {
    const list = known.join(", ") || "none";
    // In quotation marks, so that it is taken for nothing else that findings are about, whatever it is.
    const subject = `"${printable(secret)}"`;
    await refuse(
      { secret, token },
      { subject, said: `The settings know no credential ${secret}; they know: ${list}.` },
      neighbours,
    );
    return {};
  }
  await note({ id: token, detail }, neighbours);
  const refusal = await ask({ secret, token }, neighbours);
  if (refusal !== undefined) await refuse({ secret, token }, { subject: secret, ...refusal }, neighbours);
  neighbours.journal.info("requested", { secret, token, refused: refusal !== undefined });
  return {};
}

/** Notes in the record what was asked for, once, with an audit line if it is more than a plain rotation. */
async function note({ id: token, detail }: Event, neighbours: Neighbours): Promise<void> {
  const { credentials, now } = neighbours;
  const { secret, force = false, heal = false } = detail;
  const requestedBy = detail.requestedBy && printable(detail.requestedBy);
  const reason = detail.reason && printable(detail.reason);
  const at = now();
  const record = await alterCredential(
    secret,
    (before) => {
      if (before.requested.some((one) => one.token === token)) return undefined;
      const asked = { token, force, heal, at, ...(requestedBy && { requestedBy }), ...(reason && { reason }) };
      const requested = [...before.requested, asked].slice(-REMEMBERED);
      if (!force && !heal) return { ...before, requested };
      const how = [force && "force", heal && "heal"].filter(Boolean).join(", ");
      return withLine({ ...before, requested }, lineOf("requested", at, { token, how, requestedBy, reason }));
    },
    { credentials },
  );
  await putCredentialLines(record, neighbours);
}

/** Why it cannot be had, and the execution that is in its way, if one is. */
interface Refusal {
  said: string;
  execution?: string;
}

/** @throws whatever AWS says that is no refusal: the event comes again */
async function ask(rotation: Rotation, neighbours: Neighbours): Promise<Refusal | undefined> {
  const { secrets } = neighbours;
  const { secret, token } = rotation;
  try {
    // A second time where a version that was left behind has made room; whoever is faster then is turning.
    for (let asked = 0; asked < 2; asked += 1) {
      if ((await secrets.askForRotation(secret, token)) === "asked") return undefined;
      // The event has come late, once more.
      if ((await findLastTry(rotation, neighbours)) !== undefined) return undefined;
      const pending = (await secrets.stages(secret))?.pending;
      const last = pending === undefined ? undefined : await findTryOf({ secret, token: pending }, neighbours);
      if (last?.end.status === "RUNNING") {
        const said = `Another rotation is under way: the execution ${last.name}. Ask again when it has turned the credential.`;
        return { said, execution: last.name };
      }
      if (pending !== undefined) await secrets.dropPending(secret, pending);
    }
    return { said: "Other rotations were asked for at the same moment. Ask again when they are over." };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if ((await findLastTry(rotation, neighbours)) !== undefined) return undefined;
    return { said: `Secrets Manager refuses: ${error.message}` };
  }
}

/** The last try of a version; the first one may be about to be started, or not to be seen yet. */
async function findTryOf(rotation: Rotation, neighbours: Neighbours): Promise<Try | undefined> {
  for (let look = 1; ; look += 1) {
    const last = await findLastTry(rotation, neighbours);
    if (last !== undefined || look === LOOKS) return last;
    await neighbours.wait(BETWEEN_LOOKS_MS);
  }
}

/** Whether Secrets Manager refuses for good: there is no such secret, it is deleted, or its rotation was never set up. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && ["ResourceNotFoundException", "InvalidRequestException"].includes(error.name);
}

/** Tells people. Where no execution is in the way, they are shown the one that was not started. */
async function refuse(
  rotation: Rotation,
  { subject, said, execution = tryName(rotation, 1) }: Refusal & { subject: string },
  neighbours: Neighbours,
): Promise<void> {
  const arn = await neighbours.executions.arnOf({ flow: "credential", name: execution });
  await openFinding({ subject, cause: "RequestRefused", execution: arn, facts: { said } }, neighbours);
}
