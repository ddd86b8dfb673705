/**
 * Whom a secret's resource policy allows something who is none of its own account: of another one, or anybody. Under
 * whatever condition, since who wrote it may have erred in that. Statements that deny are passed over.
 *
 * @param policy JSON, as AWS gives it
 * @param account 12 digits
 * @returns each once, as the policy names them
 * @throws TypeError when it is no policy
 */
export function outsidersOf(policy: string, account: string): string[] {
  const outsiders = statementsOf(policy)
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(principalsOf)
    .filter((principal) => isOutside(principal, account));
  return [...new Set(outsiders)];
}

type Statement = Record<string, unknown>;

function statementsOf(policy: string): Statement[] {
  try {
    const { Statement } = JSON.parse(policy);
    const all: unknown[] = listOf(Statement);
    if (all.every((one) => typeof one === "object" && one !== null)) return all as Statement[];
  } catch {
    // What is said of it holds nothing of what it was.
  }
  throw new TypeError("Its resource policy cannot be read: it is no JSON with statements.");
}

function principalsOf({ Principal, NotPrincipal }: Statement): string[] {
  // All but a few are allowed.
  if (NotPrincipal !== undefined) return ["*"];
  if (typeof Principal !== "object" || Principal === null) return listOf(Principal).map(String);
  // AWS's own services act for whoever set them up.
  const { Service: _, ...others } = Principal as Record<string, unknown>;
  return Object.values(others).flatMap(listOf).map(String);
}

/** AWS writes a list of one as that one. */
function listOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** By the account in its ARN, or by itself. An ID such as `AIDA…` is what AWS leaves of somebody who was deleted. */
function isOutside(principal: string, account: string): boolean {
  if (/^A[A-Z0-9]{15,}$/.test(principal)) return false;
  const named = /^arn:/.test(principal) ? principal.split(":")[4] : principal;
  return named !== account;
}
