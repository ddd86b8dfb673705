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

const MOST_WRAPPED = 5;

function refusalBy(field: string, codes: readonly unknown[]): (error: unknown) => boolean {
  return (error) => {
    let one = error;
    for (let depth = 0; depth < MOST_WRAPPED && typeof one === "object" && one !== null; depth += 1) {
      if (codes.includes((one as Record<string, unknown>)[field])) return true;
      one = (one as { cause?: unknown }).cause;
    }
    return false;
  };
}
