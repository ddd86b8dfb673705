import { credentialConsumerBehind } from "../../../events/credential-consumer-behind.ts";
import { credentialRotated } from "../../../events/credential-rotated.ts";
import { lineOf } from "../../audit/line.ts";
import { openFinding } from "../../findings/open.ts";
import { againAt } from "../../record/due.ts";
import { executionName } from "../../record/execution-name.ts";
import { asGiven } from "../../shared/as-given.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { type CredentialSettings, otherUser } from "../../shared/credential-settings.ts";
import { INVALID_INPUT } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { readableCause } from "../../shared/readable-cause.ts";
import { alterCredential, putCredentialLines, withLine } from "../alter.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import type { Behind } from "../inputs.ts";
import { MOST_BEHIND } from "../judge.ts";
import { longestPauseMs } from "../longest-pause.ts";
import { nameBehind } from "../name-behind.ts";
import { noteLostPromotion } from "../note-lost-promotion.ts";
import type { CredentialRecord } from "../record.ts";
import { whoAsked } from "../who-asked.ts";
import { whoIsBehind } from "../who-is-behind.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/** How people are shown a secret's name that may be none. */
const NAME = { most: 60, odd: /[^\w/+=.@-]/g };

/** What people are told by, where the flow has another name for it. */
const CAUSES: Record<string, string> = { MISMATCH: "CredentialMismatch", BEHIND: "ConsumersBehind" };

/**
 * Tells people why a credential was not turned, or why its former user is not retired. What Secrets Manager and the record
 * say by now is read first: where the version is current after all, an answer was lost, and nobody is told.
 */
export async function notifySns(input: Input, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const { credentials, credentialSettings, journal } = neighbours;
  const { step, what, execution, promoted } = input;
  const settings = credentialSettings.find(({ name }) => name === input.secret);
  if (settings === undefined) return tellOfUnknown(input, readableCause(input.cause), neighbours);
  const secret = settings.name;
  const record = await credentials.find(secret);
  const said = readableCause(input.cause) || saidOf(input.behind, record, settings);
  // After its promotion, a version is over as soon as a later one is promoted.
  if (promoted && record?.current?.versionId !== input.token) return { outcome: "SUPERSEDED", said };
  if (what === "CONSUMER_BEHIND") {
    await announce(secret, input, record, neighbours);
    return { outcome: "ANNOUNCED", said };
  }
  if (!promoted && (await wasPromoted(secret, input, record, neighbours))) return { outcome: "SUPERSEDED", said };

  const behind = await nameBehind((input.behind ?? []).slice(0, MOST_BEHIND), neighbours.registry);
  const noted = await noteFailed(settings, input, neighbours);
  const { failing } = noted;
  const nextTryAt = failing?.execution === executionName(execution) ? failing.nextTryAt : undefined;
  const facts = { step, said, ...(behind.length > 0 && { behind }), ...(nextTryAt !== undefined && { nextTryAt }) };
  journal.info("notified", { secret, step, what, execution });
  journal.count("CredentialRotation", { outcome: "FAILED" });
  await openFinding({ subject: secret, cause: CAUSES[what] ?? what, execution, facts }, neighbours);
  return { outcome: "FAILED", said };
}

/** Who is behind, where nothing else is said. */
function saidOf(behind: Behind[] = [], record: CredentialRecord | undefined, settings: CredentialSettings): string {
  const former = record?.predecessor?.user ?? otherUser(settings, record?.current?.user);
  return readableCause(whoIsBehind(behind, former, settings));
}

/** Somebody asked for a credential that there is not, or with something that is no name at all. */
async function tellOfUnknown(input: Input, said: string, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const { step, what, execution } = input;
  const { journal } = neighbours;
  // In quotation marks, so that it is taken for nothing else, whatever it is.
  const subject = `"${asGiven(input.secret, NAME)}"`;
  const cause = what === INVALID_INPUT ? CREDENTIAL_ERRORS.unknown : what;
  journal.info("notified", { secret: subject, step, what, execution });
  journal.count("CredentialRotation", { outcome: "FAILED" });
  await openFinding({ subject, cause, execution, facts: { step, said } }, neighbours);
  return { outcome: "FAILED", said };
}

/** Puts on the bus who is behind, once for each name. */
async function announce(
  secret: string,
  { token, behind = [], execution }: Input,
  record: CredentialRecord | undefined,
  { credentials, registry, bus, journal }: Neighbours,
): Promise<void> {
  const { announced = [] } = record?.predecessor ?? {};
  const news = behind.filter(({ consumer }) => !announced.includes(consumer));
  for (const one of await nameBehind(news, registry)) {
    await bus.put(credentialConsumerBehind, detailOf(one, { secret, versionId: String(token), execution }));
  }
  const names = news.map(({ consumer }) => consumer);
  await alterCredential(
    secret,
    ({ predecessor, ...before }) => {
      // Another one is waited for by now, or none.
      if (predecessor === undefined || before.current?.versionId !== token) return undefined;
      const all = [...new Set([...predecessor.announced, ...names])];
      return all.length === predecessor.announced.length
        ? undefined
        : { ...before, predecessor: { ...predecessor, announced: all } };
    },
    { credentials },
  );
  journal.info("announced", { secret, behind: names.length });
}

function detailOf(
  { consumer, address, ec2InstanceId, role }: Behind,
  of: { secret: string; versionId: string; execution: string },
) {
  return {
    ...of,
    consumer,
    ...(ec2InstanceId && { ec2InstanceId }),
    ...(role && { role }),
    ...(address && { address }),
  };
}

/**
 * Whether the version is the current one after all, because the answer of its promotion was lost. What that could not do is
 * done then: it is noted in the record, and told on the bus.
 */
async function wasPromoted(
  secret: string,
  { token, execution, asked, enteredAt }: Input,
  record: CredentialRecord | undefined,
  neighbours: Neighbours,
): Promise<boolean> {
  const { secrets, bus, journal } = neighbours;
  const stages = await secrets.stages(secret);
  if (stages?.current !== token && record?.current?.versionId !== token) return false;
  const noted = record && (await noteLostPromotion({ stages, record }, { execution, asked, enteredAt }, neighbours));
  const current = noted?.current;
  if (current !== undefined && current.versionId === token && current.execution === executionName(execution)) {
    await bus.put(credentialRotated, { secret, versionId: current.versionId, user: current.user, execution });
    journal.count("CredentialRotation", { outcome: "ROTATED" });
  }
  return true;
}

/**
 * Notes a failure with its audit line, once for an execution; and where a turn has failed before its promotion, since when
 * rotations fail, and when the watch asks for the next one: soon, and the longer it goes on, the more rarely.
 */
async function noteFailed(
  settings: CredentialSettings,
  input: Input,
  neighbours: Neighbours,
): Promise<CredentialRecord> {
  const { credentials, now } = neighbours;
  const { what, step, promoted, test, asked, enteredAt } = input;
  const execution = executionName(input.execution);
  const token = typeof input.token === "string" ? input.token : undefined;
  const at = now();
  const record = await alterCredential(
    settings.name,
    (before) => {
      if (before.failedIn === execution) return undefined;
      // Of the moment at which the state was entered, which is the same however often this step runs.
      const by = whoAsked(before, { token, input: asked });
      const line = lineOf("failed", enteredAt, { what, step, token, execution, ...by });
      const since = before.failing?.since ?? at;
      const failing = { since, nextTryAt: againAt(since, at, longestPauseMs(settings)), what, execution };
      // What was asked for with a malformed token says nothing of the credential, and who tests wants it turned later.
      const isFailing = !promoted && !test && what !== INVALID_INPUT;
      return withLine({ ...before, failedIn: execution, ...(isFailing && { failing }) }, line);
    },
    { credentials },
  );
  await putCredentialLines(record, neighbours);
  return record;
}
