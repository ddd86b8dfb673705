import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as z from "zod/mini";
import type { TOKENS_PER_KEY } from "../../functions/shared/credential-settings.ts";

/** What is kept of a token: never the token. */
const KEPT = z.object({
  /** SHA-256 of the token, in hexadecimal: a token is 32 random bytes, which nobody finds by trying. */
  digest: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  client: z.string(),
  scope: z.optional(z.string()),
  /** Milliseconds since 1970, as `endsAt`. */
  issuedAt: z.number(),
  endsAt: z.number(),
});

const FILE = z.object({ tokens: z.array(KEPT) });

export type KeptToken = z.infer<typeof KEPT>;

interface Options {
  /** Where they lie; without it they are forgotten with this process. */
  file: string | undefined;
  tokensPerKey: (typeof TOKENS_PER_KEY)[number];
  now: () => number;
  random: (bytes: number) => Buffer;
}

/** The tokens that an issuer honours. What changes them is on disk before it returns. */
export class Tokens {
  readonly #options: Options;
  /** By digest. */
  #kept: ReadonlyMap<string, KeptToken>;

  /** @throws Error where the file is there and is no such thing */
  constructor(options: Options) {
    this.#options = options;
    this.#kept = byDigest(readTokens(options.file));
  }

  /**
   * Draws a token for a client. Where a client has one, the former one ends with that.
   *
   * @throws Error where it cannot be kept; then everything stays as it was
   */
  issue(client: string, { scope, lifetimeSeconds }: { scope?: string | undefined; lifetimeSeconds: number }): string {
    const { now, random, tokensPerKey } = this.#options;
    const token = random(32).toString("base64url");
    const issuedAt = now();
    const endsAt = issuedAt + lifetimeSeconds * 1000;
    const others = [...this.#kept.values()].filter(
      (kept) => issuedAt < kept.endsAt && (tokensPerKey === "many" || kept.client !== client),
    );
    const digest = digestOf(token);
    this.#keep([...others, { digest, client, ...(scope !== undefined && { scope }), issuedAt, endsAt }]);
    return token;
  }

  /** What is kept of a token that is honoured now. */
  find(token: string): KeptToken | undefined {
    const kept = this.#kept.get(digestOf(token));
    return kept !== undefined && this.#options.now() < kept.endsAt ? kept : undefined;
  }

  /** @throws as `issue` */
  revoke(token: string): void {
    const digest = digestOf(token);
    if (this.#kept.has(digest)) this.#keep([...this.#kept.values()].filter((kept) => kept.digest !== digest));
  }

  /** A reader of the file sees the former one or this one, also where the process dies. */
  #keep(tokens: KeptToken[]): void {
    const { file } = this.#options;
    if (file !== undefined) {
      const next = `${file}.next`;
      writeFileSync(next, `${JSON.stringify({ tokens })}\n`, { mode: 0o600, flush: true });
      renameSync(next, file);
    }
    this.#kept = byDigest(tokens);
  }
}

function byDigest(tokens: KeptToken[]): ReadonlyMap<string, KeptToken> {
  return new Map(tokens.map((token) => [token.digest, token]));
}

function readTokens(file: string | undefined): KeptToken[] {
  if (file === undefined || !existsSync(file)) return [];
  try {
    return FILE.parse(JSON.parse(readFileSync(file, "utf8"))).tokens;
  } catch {
    throw new Error(`${file} holds no tokens of the issuer. Remove it: applications then fetch new ones.`);
  }
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
