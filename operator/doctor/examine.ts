import type { Context } from "../context.ts";
import { RIGHTS } from "../contract.ts";
import { failureOf } from "../failure.ts";
import { counted } from "../output/count.ts";
import type { Place } from "../place/place.ts";
import { attention, type Check, type Found, liveOf, ok, type Patient, type Question } from "./check.ts";
import type { Deployment } from "./deployment.ts";
import { isWithoutFleet, OF_ACCOUNT } from "./of-account.ts";
import { OF_INSTANCES } from "./of-instances.ts";
import { OF_TELLING } from "./of-telling.ts";
import { readProofs } from "./proofs.ts";

/** What an examination has come to. */
export interface Examined {
  /** Whether there is a Keyturn at all: without one, nothing but that is said. */
  isThere: boolean;
  checks: Check[];
  /** What is not asked here, since there is none. */
  leftOut: string[];
}

const CREDENTIALS: Question = { name: "credentials", ask: async ({ caller }) => ok(credentialsOf(caller)) };
const TABLES: Question = { name: "tables", ask: askTables };
const QUESTIONS = [CREDENTIALS, TABLES, ...OF_TELLING, ...OF_INSTANCES, ...OF_ACCOUNT];

/**
 * Asks everything at once. What AWS does not answer, for want of a right or of a connection, is unknown, and the others go on.
 *
 * @throws what AWS answers where it does not know who asks, or cannot be reached: then nothing can be asked
 */
export async function examine(
  deployment: Deployment,
  { place, out, now }: Pick<Context, "place" | "out" | "now">,
): Promise<Examined> {
  const caller = await deployment.caller();
  const at = now() - caller.aheadMs;
  const isHere = place.kind === "here";
  const instances = once(() => deployment.instances());
  const stack = once(() => deployment.stack());
  const patient: Patient = {
    deployment: { ...deployment, stack },
    ...{ place, caller, now: at, instances },
    proofs: once(async () => readProofs(await instances(), deployment, at)),
    // Where CloudFormation does not say, there is one, as mostly.
    hasFleet: isHere || !isWithoutFleet(await stack().catch(() => undefined)),
  };
  const isThereFor = { account: !isHere, fleet: patient.hasFleet };
  const asked = QUESTIONS.filter(({ needs = [] }) => needs.every((need) => isThereFor[need]));
  let answered = 0;
  const checks = await Promise.all(
    asked.map(async ({ name, ask }): Promise<Check> => {
      const found = await ask(patient).catch((error: unknown) => unknown(error, place));
      answered += 1;
      out.progress(`${answered} of ${asked.length} questions answered`);
      return { name, ...found };
    }),
  );
  const isThere = await instances().then(
    () => true,
    (error: unknown) => !isMissing(error),
  );
  const leftOut = isHere ? QUESTIONS.filter(({ needs }) => needs?.includes("account")).map(({ name }) => name) : [];
  if (isThere) return { isThere, checks, leftOut };
  return { isThere, checks: checks.filter(({ name }) => [CREDENTIALS.name, TABLES.name].includes(name)), leftOut };
}

function unknown(error: unknown, place: Place): Found {
  const { message } = failureOf(error, { command: "doctor", place, policy: RIGHTS.doctor.policy });
  return { is: "unknown", says: message };
}

function credentialsOf({ arn, account, region }: Patient["caller"]): string {
  return `${arn} of account ${account}, in ${region}`;
}

async function askTables({ deployment, instances, place: { stack } }: Patient): Promise<Found> {
  try {
    const [records] = await Promise.all([instances(), deployment.findings(), deployment.askAudit()]);
    return ok(`records, findings and audit can be read: ${counted(liveOf(records).length, "live instance")}`);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return attention(
      `there is no Keyturn by the name ${stack} here`,
      "Look at the credentials above, and at --region, --profile and --stack; or deploy it: docs/deploying.md",
    );
  }
}

/** Whether DynamoDB says that there is no such table. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && error.name === "ResourceNotFoundException";
}

function once<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}
