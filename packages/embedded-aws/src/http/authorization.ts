import { Refusal } from "./refusals.ts";

/** What an `Authorization` header of Signature Version 4 says. */
export interface Authorization {
  accessKeyId: string;
  /** From the scope: `YYYYMMDD`, the Region and the service's signing name. */
  date: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/**
 * Reads an `Authorization` header.
 *
 * @throws Refusal missingToken, incompleteSignature, or badSignature for a scope that is not of the right form
 */
export function readAuthorization(header: string | undefined): Authorization {
  if (header === undefined || header.trim() === "") {
    throw new Refusal("missingToken", "Request is missing Authentication Token");
  }
  const space = header.indexOf(" ");
  if (space < 0 || header.slice(0, space) !== ALGORITHM) {
    throw new Refusal("incompleteSignature", `The Authorization header must begin with '${ALGORITHM}'.`);
  }
  const fields = new Map<string, string>();
  for (const part of header.slice(space + 1).split(",")) {
    const at = part.indexOf("=");
    if (at > 0) fields.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  const demand = (name: string): string => {
    const value = fields.get(name);
    if (!value) throw new Refusal("incompleteSignature", `Authorization header requires '${name}' parameter.`);
    return value;
  };
  const scope = demand("Credential").split("/");
  const signature = demand("Signature");
  const signedHeaders = demand("SignedHeaders").toLowerCase().split(";");
  const [accessKeyId, date, region, service, terminator] = scope;
  if (!accessKeyId || !date || !region || !service || !terminator || scope.length !== 5) {
    const form = "keyid/date/region/service/term";
    throw new Refusal("incompleteSignature", `Credential must have exactly 5 slash-delimited elements, e.g. ${form}.`);
  }
  if (terminator !== "aws4_request") {
    throw new Refusal("badSignature", "Credential should be scoped with a valid terminator: 'aws4_request'.");
  }
  return { accessKeyId, date, region, service, signedHeaders, signature };
}
