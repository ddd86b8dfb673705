import { z } from "zod";
import type { Credentials } from "../http/credentials.ts";
import { readInput } from "../http/input.ts";
import { AwsError, type CallContext, type Principal, type Question, type Service } from "../http/service.ts";
import { KEY_ID } from "../iam/inputs.ts";
import { accountOfKeyId, newKeyId } from "../iam/key-id.ts";
import type { Parts } from "../parts.ts";
import { ACCOUNT } from "../place.ts";

const SESSION = z.strictObject({ DurationSeconds: z.coerce.number().int().min(900).max(129_600).default(43_200) });
const KEY = z.strictObject({ AccessKeyId: KEY_ID });

/** STS: says to each caller who he is, gives users sessions, and tells of a key whose account it is of. */
export function stsOver(parts: Parts, credentials: Credentials): Service {
  return {
    signingName: "sts",
    protocol: { kind: "query", xmlns: "https://sts.amazonaws.com/doc/2011-06-15/" },
    operations: {
      GetCallerIdentity: (_input: unknown, { principal }: CallContext) => ({
        UserId: principal.userId,
        Account: ACCOUNT,
        Arn: principal.arn,
      }),
      GetSessionToken: (input: unknown, { principal }: CallContext) => {
        const { DurationSeconds } = readInput(SESSION, input, "ValidationError");
        if (principal.issuedAt !== undefined) throw notBySession("GetSessionToken");
        const expiresAt = parts.clock.now() + DurationSeconds * 1000;
        const accessKeyId = newKeyId("ASIA", parts.random);
        const { secretAccessKey, sessionToken } = parts.store.transaction(() =>
          credentials.issue(principal, { temporary: true, accessKeyId, expiresAt }),
        );
        const Expiration = new Date(Math.floor(expiresAt / 1000) * 1000);
        return {
          Credentials: {
            ...{ AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken, Expiration },
          },
        };
      },
      GetAccessKeyInfo: (input: unknown) => {
        const { AccessKeyId } = readInput(KEY, input, "ValidationError");
        // What the ID tells is asked last: keys that are known here need not tell.
        const Account = credentials.find(AccessKeyId) === undefined ? accountOfKeyId(AccessKeyId) : ACCOUNT;
        if (Account === undefined)
          throw new AwsError("ValidationError", `The access key ${AccessKeyId} does not exist.`);
        return { Account };
      },
    },
    needs: (operation, _input: unknown, { principal }) => needsOf(operation, principal),
  };
}

/** Nobody needs a right to be told who he is, nor a user to draw a session for himself. */
function needsOf(operation: string, principal: Principal): Question[] {
  if (operation !== "GetAccessKeyInfo") return [];
  if (principal.kind === "user" && principal.issuedAt !== undefined) throw notBySession(operation);
  return [{ action: "sts:GetAccessKeyInfo", resource: "*", code: "AccessDenied", status: 403 }];
}

function notBySession(operation: string): AwsError {
  return new AwsError("AccessDenied", `Cannot call ${operation} with session credentials`, 403);
}
