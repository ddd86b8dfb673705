import { createHash } from "node:crypto";
import type { ExecutionEnd, Executions } from "../clients/executions.ts";

/** Which rotation it is: of which secret, under which token. */
export interface Rotation {
  /** The secret's name. */
  secret: string;
  /** The ID of the version that it is to make current. */
  token: string;
}

/** An execution of the flow for one rotation. */
export interface Try {
  /** Counts from 1. */
  n: number;
  name: string;
  end: ExecutionEnd;
}

/** What a name may bear of the secret's own, so that with the longest token, number and word it has 80 characters. */
const LONGEST_SLUG = 10;

/**
 * The name of the execution that is the n-th try of a rotation, or its test, e.g. `orders-db-7d9b318d-…-1`. Of one name
 * there is one execution: so whoever starts the same try twice, or at once, starts one.
 *
 * @returns 1 to 80 letters, digits, `_` and `-`, for `n` of at most four digits
 */
export function tryName({ secret, token }: Rotation, n: number | "test"): string {
  const slug = secret.replace(/[^\w-]/g, "-").slice(0, LONGEST_SLUG);
  // Secrets Manager takes more as a token than Step Functions does in a name.
  const own = /^[\w-]{1,64}$/.test(token) ? token : createHash("sha256").update(token).digest("hex");
  return `${slug}-${own}-${n}`;
}

/**
 * The last try of a rotation; undefined where there is none. Each is numbered after the one before, so they are asked for in
 * turn: one call more than there are tries. Step Functions shows one that was started a moment ago a moment later.
 */
export async function findLastTry(
  rotation: Rotation,
  { executions }: { executions: Pick<Executions, "find"> },
): Promise<Try | undefined> {
  let last: Try | undefined;
  for (let n = 1; ; n += 1) {
    const name = tryName(rotation, n);
    const end = await executions.find({ flow: "credential", name });
    if (end === undefined) return last;
    last = { n, name, end };
  }
}

/**
 * Starts the try after the last one.
 *
 * @param last as `findLastTry` gave it
 * @param trigger by what it is started, for the audit
 */
export async function startNextTry(
  rotation: Rotation,
  { last, trigger }: { last: Try | undefined; trigger: "secretsmanager" | "watch" },
  { executions }: { executions: Pick<Executions, "start"> },
): Promise<void> {
  const { secret, token } = rotation;
  const name = tryName(rotation, (last?.n ?? 0) + 1);
  await executions.start({ flow: "credential", name, input: { secret, token, trigger } });
}
