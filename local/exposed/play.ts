import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { EmbeddedAws } from "embedded-aws";
import { drawDeployersKey } from "./deployer.ts";
import { FOUND_IN_PUBLIC, keyExposed } from "./health-event.ts";
import { DEPLOYER } from "./settings.ts";
import { type Answer, DONE, Thief, toldOf } from "./thief.ts";

/** When what happens, all in milliseconds from what was before. */
interface Times {
  /** The thief begins. */
  begins: number;
  /** He goes on. What he did before is in CloudTrail by then. */
  goesOn: number;
  /** AWS notices. */
  noticed: number;
  /** How often he tries whether he is still let in, and for how long he is waited for. */
  tries: number;
  patience: number;
}

const TIMES: Times = { begins: 3000, goesOn: 6000, noticed: 1000, tries: 100, patience: 60_000 };

/** How AWS refuses for good what has been shut; of faults on demand there are others. */
const KEY_SHUT = ["InvalidClientTokenId"];
const SESSION_SHUT = ["UnauthorizedOperation", "AccessDenied"];

type Aws = Pick<EmbeddedAws, "endpoint" | "region" | "credentials" | "events">;
type Tell = (sentence: string) => void;

/**
 * Plays how an access key is exposed: a thief uses it, twice with some seconds between; AWS Health says so; he tries until he is
 * refused.
 *
 * @param tell one sentence of what happens
 * @returns what ends it before its time
 */
export function playExposure(aws: Aws, tell: Tell): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  // What is cut off by the end of AWS would be told as if it were refused.
  const tellInTime: Tell = (sentence) => {
    if (!signal.aborted) tell(sentence);
  };
  expose(aws, tellInTime, signal).catch((error: Error) => tellInTime(`THIEF   His story ends here: ${error.message}`));
  return () => ending.abort();
}

/**
 * The same, to its end.
 *
 * @throws Error when the thief is not refused, or `signal` aborts
 */
export async function expose(aws: Aws, tell: Tell, signal: AbortSignal, times: Times = TIMES): Promise<void> {
  await pause(times.begins, undefined, { signal });
  const key = await drawDeployersKey(aws);
  const thief = new Thief(aws, key, tell);
  try {
    tell(`THIEF   Somebody has found a key of the user ${DEPLOYER} in public, ${key.accessKeyId}, and uses it.`);
    await thief.lookAround();
    await thief.drawSession();
    await pause(times.goesOn, undefined, { signal });
    await thief.stay();
    await pause(times.noticed, undefined, { signal });
    const raisedAt = Date.now();
    tell(`${key.accessKeyId}  is exposed, AWS Health says: ${FOUND_IN_PUBLIC}.`);
    aws.events.raise(keyExposed(key.accessKeyId, { at: new Date(raisedAt), communicationId: randomUUID() }));
    const tries = async (call: string, ask: () => Promise<Answer>, shut: readonly string[]) => {
      const answer = await refusal(ask, shut, times, signal);
      tell(`THIEF   ${call}: ${toldOf(answer)}, ${((Date.now() - raisedAt) / 1000).toFixed(1)} s after AWS said so.`);
    };
    await Promise.all([
      tries("sts:GetCallerIdentity with the key", () => thief.tryKey(), KEY_SHUT),
      tries("ec2:DescribeInstances with the session", () => thief.trySession(), SESSION_SHUT),
    ]);
  } finally {
    thief.close();
  }
}

/** Tries again and again until AWS refuses it for good. */
async function refusal(
  ask: () => Promise<Answer>,
  shut: readonly string[],
  { tries, patience }: Times,
  signal: AbortSignal,
): Promise<Answer> {
  const deadline = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (shut.includes(answer)) return answer;
    if (Date.now() > deadline) {
      const what = answer === DONE ? "he is still let in" : `AWS says ${answer}`;
      throw new Error(`after ${patience / 1000} s ${what}. The executions of exposed-key may say why.`);
    }
    await pause(tries, undefined, { signal });
  }
}
