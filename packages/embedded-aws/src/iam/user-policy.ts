import { AwsError } from "../http/service.ts";
import { POLICY } from "./inputs.ts";
import { type CompiledStatement, compileStatements, type Statement } from "./statement.ts";

/**
 * Reads the document of a user's policy.
 *
 * @throws AwsError MalformedPolicyDocument for what is no policy, or cannot be enforced here
 */
export function compileUserPolicy(document: string, name: string): CompiledStatement[] {
  const malformed = (message: string) => new AwsError("MalformedPolicyDocument", message);
  let given: unknown;
  try {
    given = JSON.parse(document);
  } catch {
    throw malformed("Syntax errors in policy.");
  }
  const { success, data } = POLICY.safeParse(given);
  const statements = success ? [data.Statement].flat() : [];
  if (statements.length === 0) throw malformed("Syntax errors in policy.");
  try {
    return compileStatements(statements as Statement[], "role", `the policy ${name}`);
  } catch (error) {
    throw malformed((error as Error).message);
  }
}

/** IAM gives policies percent-encoded, as RFC 3986 has it. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
