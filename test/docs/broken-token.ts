import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { expect, vi } from "vitest";
import { dynamoFindings } from "../../functions/clients/findings.dynamodb.ts";
import type { Findings } from "../../functions/clients/findings.ts";
import { type Finding, stands } from "../../functions/findings/finding.ts";
import { NAMES } from "../../infra/wiring.ts";
import { KEY_SECRETS, SHOP_SECRET } from "../../local/shop/shop.ts";
import { type Desk, type FleetConfig, SOON } from "./desk.ts";

/** By which key each of the two tokens is made. */
const KEY_OF: Record<string, string> = { token_a: KEY_SECRETS[0], token_b: KEY_SECRETS[1] };
const A_LOOK = { ...SOON, interval: 500 };

/**
 * What happens to the token of `npm start` before somebody opens the runbook, by the section that is about it, and whether all is
 * well again afterwards. Each break is over when people are told of it.
 */
export class BrokenToken {
  readonly breaks: Readonly<Record<string, () => Promise<void>>> = {
    CredentialMismatch: () => this.#revokeUntilTold(),
    KeyRefused: () => this.#exchangeKey(),
  };
  readonly #desk: Desk;
  readonly #secrets: SecretsManagerClient;
  readonly #dynamodb: DynamoDBClient;
  readonly #findings: Findings;

  constructor(desk: Desk, config: FleetConfig) {
    this.#desk = desk;
    this.#secrets = new SecretsManagerClient(config);
    this.#dynamodb = new DynamoDBClient(config);
    this.#findings = dynamoFindings(this.#dynamodb, NAMES.findingTable);
  }

  /** Waits until nothing of what a section is about is wrong any more, and the API accepts the current token. */
  async healed(cause: string): Promise<void> {
    await vi.waitFor(async () => {
      expect(await this.#accepts((await this.#current()).access_token)).toBe(true);
      const finding = await this.#find(cause);
      // A person who waits asks once more, as the section tells him to.
      if (finding !== undefined && stands(finding)) await this.#askForTurn();
      expect(finding === undefined || !stands(finding)).toBe(true);
    }, A_LOOK);
  }

  /** Whoever keeps the issuer revokes the current token, and the next one where a turn that was under way was faster than a look. */
  #revokeUntilTold(): Promise<void> {
    return this.#told("CredentialMismatch", Date.now(), () => this.#revoke());
  }

  async #revoke(): Promise<void> {
    const { access_token, turn } = await this.#current();
    const { client_id, client_secret } = await this.#value(KEY_OF[turn] ?? KEY_SECRETS[0]);
    const authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString("base64")}`;
    const body = new URLSearchParams({ token: access_token });
    const { status } = await fetch(`${this.#issuer}/revoke`, { method: "POST", headers: { authorization }, body });
    expect([status, await this.#accepts(access_token)]).toEqual([200, false]);
  }

  /** The issuer has exchanged the second key; the new one lies in a file, as the section has somebody write it. */
  async #exchangeKey(): Promise<void> {
    const began = Date.now();
    const [, SecretId] = KEY_SECRETS;
    const key = await this.#value(SecretId);
    writeFileSync(join(this.#desk.folder, "key.json"), JSON.stringify(key), { mode: 0o600 });
    const SecretString = JSON.stringify({ ...key, client_secret: "the one before" });
    await this.#secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
    await this.#told("KeyRefused", began, () => this.#askForTurn());
  }

  /** Waits until people were told of a cause since a moment, whether or not it is over by now. */
  async #told(cause: string, since: number, meanwhile: () => Promise<unknown>): Promise<void> {
    await vi.waitFor(async () => {
      await meanwhile();
      const { seenAt = 0, facts } = (await this.#find(cause)) ?? {};
      expect(seenAt).toBeGreaterThanOrEqual(since);
      expect(facts?.kind).toBe("token");
    }, A_LOOK);
  }

  /** While one is under way, Secrets Manager refuses the next one. */
  async #askForTurn(): Promise<void> {
    await this.#secrets.send(new RotateSecretCommand({ SecretId: SHOP_SECRET })).catch(() => undefined);
  }

  #find(cause: string): Promise<Finding | undefined> {
    return this.#findings.find({ subject: SHOP_SECRET, cause });
  }

  async #current(): Promise<{ access_token: string; turn: string }> {
    const { access_token = "", turn = "" } = await this.#value(SHOP_SECRET);
    return { access_token, turn };
  }

  async #value(SecretId: string): Promise<Record<string, string>> {
    const { SecretString = "{}" } = await this.#secrets.send(new GetSecretValueCommand({ SecretId }));
    return JSON.parse(SecretString);
  }

  async #accepts(token: string): Promise<boolean> {
    return (await fetch(`${this.#issuer}/resource`, { headers: { authorization: `Bearer ${token}` } })).ok;
  }

  get #issuer(): string {
    const { issuer } = JSON.parse(readFileSync(join(this.#desk.folder, ".keyturn/ports.json"), "utf8"));
    return `http://127.0.0.1:${issuer}`;
  }

  close(): void {
    this.#secrets.destroy();
    this.#dynamodb.destroy();
  }
}
