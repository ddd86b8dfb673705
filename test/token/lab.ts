import { randomBytes } from "node:crypto";
import type { Login } from "../../functions/clients/authority.ts";
import type { CredentialRecord } from "../../functions/credential/record.ts";
import type { TokenCredential } from "../../functions/shared/credential-settings.ts";
import { type LocalIssuer, startIssuer } from "../../local/issuer/start-issuer.ts";
import { TurnedSecret } from "../credential/turned-secret.ts";
import { startTestFleet, type TestFleet } from "../flows/support.ts";

/** A token and the version of the secret that holds it. */
export type Version = Login & { versionId: string };

/** A kind of issuer, and what a test has otherwise. */
export interface Kind {
  /** A word of letters and digits, after which its secrets are named. */
  word: string;
  tokensPerKey: TokenCredential["tokensPerKey"];
  /** Without it, as many as there have to be. */
  keys?: 1 | 2;
  /** A part of its API keys' secrets and of nothing else. */
  mark?: string;
  change?: Partial<TokenCredential>;
}

/** The name by which the callers of the tests are known. */
export const CONSUMER = "caller";

/** Short, so that a rotation takes seconds. */
const TIMES = { quietSeconds: 1, deadlineSeconds: 60, lifetimeSeconds: 3600 };

/** Keyturn on the embedded AWS, and an issuer for each credential, each of which was turned once. */
export interface TokenLab {
  fleet: TestFleet;
  of(word: string): TurnedToken;
  close(): Promise<void>;
}

/** @param options of the fleet */
export async function startTokenLab(
  kinds: readonly Kind[],
  options: Parameters<typeof startTestFleet>[1] = {},
): Promise<TokenLab> {
  const issuers = await Promise.all(kinds.map(issuerOf));
  const settings = issuers.map(({ settings }) => settings);
  const fleet = await startTestFleet(0, { ...options, settings: { credentials: settings, ...options.settings } });
  const all = issuers.map((one) => new TurnedToken(one, fleet));
  const lab: TokenLab = {
    fleet,
    of(word) {
      const found = all.find(({ settings: { name } }) => name === `${word}/token`);
      if (found === undefined) throw new Error(`the lab has no credential ${word}`);
      return found;
    },
    async close() {
      for (const one of all) one.close();
      await fleet.close();
      for (const { issuer } of issuers) await issuer.close();
    },
  };
  try {
    await Promise.all(all.map((one) => one.deploy()));
  } catch (error) {
    await lab.close();
    throw error;
  }
  return lab;
}

interface Issued {
  settings: TokenCredential;
  issuer: LocalIssuer;
  clients: { id: string; secret: string }[];
}

async function issuerOf({ word, tokensPerKey, keys, mark = "", change }: Kind): Promise<Issued> {
  const names = [1, 2].slice(0, keys ?? (tokensPerKey === "one" ? 2 : 1)).map((n) => `${word}/api-key-${n}`);
  const clients = names.map((id) => ({ id, secret: `${mark}${randomBytes(32).toString("base64url")}` }));
  const { lifetimeSeconds } = { ...TIMES, ...change };
  const issuer = await startIssuer({ clients, tokensPerKey, lifetimeSeconds, now: Date.now, random: randomBytes });
  const { tokenUrl, revocationUrl, resourceUrl: probeUrl } = issuer;
  const settings: TokenCredential = {
    ...{ kind: "token", name: `${word}/token`, users: ["token_a", "token_b"], tokensPerKey },
    ...{ tokenUrl, revocationUrl, probeUrl, keys: names as [string] },
    ...{ consumers: [{ name: CONSUMER, seenBy: "proofs" }], ...TIMES, ...change },
  };
  return { settings, issuer, clients };
}

/** A token as whoever works with it sees it: by Secrets Manager's API, and by asking the resource. */
export class TurnedToken extends TurnedSecret<TokenCredential> {
  readonly issuer: LocalIssuer;
  readonly clients: Issued["clients"];

  constructor({ settings, issuer, clients }: Issued, fleet: TestFleet) {
    super(settings, fleet);
    this.issuer = issuer;
    this.clients = clients;
  }

  /** As a stack does it: the API keys' secrets, one without a token, and rotation switched on, which fetches the first. */
  async deploy(): Promise<void> {
    for (const { id, secret } of this.clients) {
      await this.create(id, JSON.stringify({ client_id: id, client_secret: secret }));
    }
    await this.create(this.settings.name, "{}");
    await this.isTurned(await this.switchOn());
  }

  /** A version's token; the current one's where none is named. */
  async version(named?: string): Promise<Version> {
    const { text, versionId } = await this.text(named);
    const { turn: user, access_token: password } = JSON.parse(text);
    return { user, password, versionId };
  }

  /** What the resource answers to a token. */
  async answerTo({ password }: Pick<Login, "password">): Promise<number> {
    const headers = { authorization: `Bearer ${password}` };
    const response = await fetch(this.settings.probeUrl, { headers });
    await response.arrayBuffer();
    return response.status;
  }

  /** The version that is pending. */
  async pending(): Promise<string | undefined> {
    return (await this.neighbours().secrets.stages(this.settings.name))?.pending;
  }

  /** What Keyturn remembers. */
  async record(): Promise<CredentialRecord> {
    const record = await this.neighbours().credentials.find(this.settings.name);
    if (record === undefined) throw new Error(`there is no record of ${this.settings.name}`);
    return record;
  }
}
