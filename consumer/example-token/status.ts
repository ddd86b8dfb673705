import { wordsOf } from "../failure.ts";
import type { FollowedToken } from "../follow.ts";

/** What `GET /` answers. Without `version` and what follows where no version of the secret is at hand. */
export interface TokenStatus {
  /** `REFUSED` for HTTP 401 also with the version that is current now; `FAILED` for whatever else is no success. */
  api_status: "ACCEPTED" | "REFUSED" | "FAILED";
  /** What the resource answered, where it did. */
  http_status?: number;
  /** What stands in the way, where it did not. */
  error?: string;
  /** The version of the secret that was used. */
  version?: string;
  /** A short digest of the token, which helps nobody to guess it: see example/fingerprint.ts. */
  fingerprint?: string;
  /** Since when this process has that version, as ISO 8601 in UTC. */
  since?: string;
  /** When the token ends by itself, if the secret says so; likewise. */
  expires?: string;
}

export interface TokenStatusParts {
  token: FollowedToken;
  /** Asks the resource, with the token. */
  ask: (accessToken: string) => Promise<{ status: number }>;
  fingerprint: (word: string) => string;
}

/** Asks the resource once, with the token as it is now, and says how that went. Never throws. */
export async function tokenStatusNow({ token, ask, fingerprint }: TokenStatusParts): Promise<TokenStatus> {
  let used: Omit<TokenStatus, "api_status"> = {};
  try {
    const { status } = await token.withToken(({ accessToken, expiresAt }, { versionId, since }) => {
      used = {
        version: versionId,
        fingerprint: fingerprint(accessToken),
        since: new Date(since).toISOString(),
        ...(expiresAt && { expires: expiresAt.toISOString() }),
      };
      return ask(accessToken);
    });
    return { api_status: wordFor(status), http_status: status, ...used };
  } catch (error) {
    return { api_status: "FAILED", error: wordsOf(error), ...used };
  }
}

function wordFor(status: number): TokenStatus["api_status"] {
  if (status === 401) return "REFUSED";
  return status >= 200 && status < 300 ? "ACCEPTED" : "FAILED";
}
