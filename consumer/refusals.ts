/**
 * How an authority says that it does not take a credential, told apart from everything else that may go wrong: only then
 * is the secret read anew. Each is for `isRefusal`, and looks through errors that a library has wrapped around the database's.
 */

/** SQLSTATE 28P01, a wrong password, and 28000, a user who may not log in. Drivers have them as `code`. */
export const isRefusedByPostgres = refusalBy("code", ["28P01", "28000"]);

/**
 * Error 1045 and 1698, access denied; 1862, a password that has expired; 3118 and (of MariaDB) 4151, a locked account. Drivers
 * have them as `errno`.
 */
export const isRefusedByMysql = refusalBy("errno", [1045, 1698, 1862, 3118, 4151]);

/**
 * Status 401 of an HTTP API (RFC 6750, section 3.1): of the `Response` of `fetch`, which is given back, and of what other clients
 * throw, who have it as `status` or `statusCode`, of the error itself or of its `response`.
 */
export function isRefusedByApi(answer: unknown): boolean {
  const hasStatus = (one: unknown) => isObject(one) && (one.status === 401 || one.statusCode === 401);
  return wrapped(answer).some((one) => hasStatus(one) || hasStatus(one.response));
}

function refusalBy(field: string, codes: readonly unknown[]): (error: unknown) => boolean {
  return (error) => wrapped(error).some((one) => codes.includes(one[field]));
}

const MOST_WRAPPED = 5;

/** An error, and those that caused it. */
function wrapped(error: unknown): Record<string, unknown>[] {
  const all: Record<string, unknown>[] = [];
  for (let one = error; all.length < MOST_WRAPPED && isObject(one); one = one.cause) all.push(one);
  return all;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
