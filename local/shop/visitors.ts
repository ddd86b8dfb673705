import type { TokenStatus } from "../../consumer/example-token/status.ts";
import { PageVisitors, type Said, type VisitorsOptions } from "../visitors.ts";
import { CART } from "./shop.ts";

/** What the application says of the API, as the example of consumer/ does. */
export type ShopPage = Pick<TokenStatus, "api_status" | "http_status" | "error" | "version">;

/** Whoever visits the application, for which it calls the API, and notes how often the API accepted its token. */
export class ShopVisitors extends PageVisitors<typeof CART, ShopPage> {
  constructor(options: VisitorsOptions<typeof CART>) {
    super([CART], options);
  }

  protected read({ api_status, http_status, error }: ShopPage, isNew: boolean): Said {
    if (api_status === "ACCEPTED") return { isServed: true, words: "ACCEPTED." };
    const why = error ?? `the API answers ${http_status}`;
    if (!isNew) return { isServed: false, words: `${api_status}: ${why}` };
    return { isServed: false, words: `waits for a token: the secret's first turn fetches one. (${why})` };
  }
}
