import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/**
 * Who is let in: whoever has the token that stands in the fragment of the page's address, which a browser sends nowhere. It is
 * exchanged for a cookie once. Programs on other computers cannot connect at all, other pages in the same browser have no cookie
 * with what they send (`SameSite=Strict`), and a name of theirs that leads to this computer (DNS rebinding) is none of ours. For a
 * browser all ports of this computer are one site, and their cookies one jar: what a page on another port asks for is known by
 * `Origin` and `Sec-Fetch-Site`.
 */
export class Gate {
  readonly #token: string;
  #session = "";
  #port = 0;

  /** @param token 32 random bytes as text; the cookie is made of it, so that it lasts as long as the token does */
  constructor(token: string) {
    this.#token = token;
  }

  /** @param port where it listens */
  listensOn(port: number): void {
    this.#port = port;
    this.#session = createHmac("sha256", this.#token).update(`session ${port}`).digest("hex");
  }

  /**
   * Why something is refused whoever asks: it comes under a name that is not ours, or from another page.
   *
   * @param isPage whether it is the page itself that is asked for, to which anybody may have a link
   */
  refusalOf({ method, headers }: Pick<IncomingMessage, "method" | "headers">, isPage: boolean): string | undefined {
    const { host, origin, "sec-fetch-site": site } = headers;
    if (!this.#hosts().includes(host ?? "")) return "This server is asked by another name than its own.";
    const isOwn = origin === `http://${host}`;
    if (origin !== undefined && !isOwn) return "Another page asks.";
    if (method === "POST" && !isOwn) return "It is not said which page asks.";
    const isOwnSite = site === undefined || site === "same-origin" || site === "none";
    return isOwnSite || (isPage && method !== "POST") ? undefined : "Another page asks.";
  }

  isToken(text: unknown): boolean {
    return typeof text === "string" && isSame(text, this.#token);
  }

  isLetIn({ headers }: Pick<IncomingMessage, "headers">): boolean {
    const cookies = (headers.cookie ?? "").split(/;\s*/).map((one) => one.split("="));
    return cookies.some(([name, value = ""]) => name === this.#name && isSame(value, this.#session));
  }

  cookie(): string {
    return `${this.#name}=${this.#session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Browsers keep the cookies of all ports together. */
  get #name(): string {
    return `keyturn-${this.#port}`;
  }

  #hosts(): string[] {
    return [`127.0.0.1:${this.#port}`, `localhost:${this.#port}`];
  }
}

/** Compared by digests, so that how long it takes says nothing of where they differ, nor of how long the right one is. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHmac("sha256", "compare").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
