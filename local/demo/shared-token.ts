import type { Login } from "../../functions/clients/authority.ts";
import type { LocalIssuer } from "../issuer/start-issuer.ts";
import { ShopSecrets } from "../shop/secrets.ts";
import { CART, SHOP_SECRET } from "../shop/shop.ts";
import type { Shop } from "../shop/start-shop.ts";
import { type ShopPage, ShopVisitors } from "../shop/visitors.ts";
import type { DemoAccount } from "./account.ts";
import { until } from "./until.ts";

type Version = Login & { versionId: string };

/** The token by which an application calls an API, its issuer, and whoever visits the application, as the story moves them. */
export class SharedToken {
  readonly visitors: ShopVisitors;
  readonly #issuer: LocalIssuer;
  readonly #secrets: ShopSecrets;
  readonly #signal: AbortSignal;

  constructor(
    { ports, issuer }: Shop & { issuer: LocalIssuer },
    account: Pick<DemoAccount, "endpoint" | "region" | "credentials">,
    { signal, note }: { signal: AbortSignal; note: (sentence: string) => void },
  ) {
    this.#issuer = issuer;
    this.#secrets = new ShopSecrets(account);
    this.#signal = signal;
    this.visitors = new ShopVisitors({ ports, tell: note });
  }

  /** Asks Secrets Manager for a rotation, once none is under way. @returns the new version's ID */
  rotate(): Promise<string> {
    return until(() => this.#secrets.rotate(), `the rotation of ${SHOP_SECRET} to begin`, this.#signal);
  }

  current(): Promise<Version> {
    return until(() => this.#secrets.current(), `a token in ${SHOP_SECRET}`, this.#signal);
  }

  /** Waits until another version than this one is current. */
  after({ versionId }: Version): Promise<Version> {
    const other = async () => {
      const current = await this.current();
      return current.versionId !== versionId && current;
    };
    return until(other, `another version of ${SHOP_SECRET} to be current`, this.#signal);
  }

  /** Whether the API accepts a token. */
  answerTo({ password }: Login): "accepted" | "refused" {
    return this.#issuer.handle.honours(password) ? "accepted" : "refused";
  }

  /** Somebody revokes a token at the issuer, and tells nobody. */
  revokeBehindOurBack({ password }: Login): void {
    this.#issuer.handle.revoke(password);
  }

  /** Waits until the application says this of the API. */
  async saidByCart(status: ShopPage["api_status"]): Promise<ShopPage> {
    const says = async () => {
      const page = await this.visitors.pageOf(CART);
      return page?.api_status === status && page;
    };
    return until(says, `${CART} to be ${status}`, this.#signal);
  }

  close(): void {
    this.visitors.stop();
    this.#secrets.close();
  }
}
