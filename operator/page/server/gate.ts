import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/**
 * Who is let in: whoever has the token that stands in the fragment of the page's address, which a browser sends nowhere. It is
 * exchanged for a cookie once. Programs on other computers cannot connect at all, other pages in the same browser have no cookie
 * with what they send (`SameSite=Strict`), and a name of theirs that leads to this computer (DNS rebinding) is none of ours.
 */
export class Gate {
  readonly #token: string;
  readonly #session: string;
  #port = 0;

  /** @param token 32 random bytes as text; the cookie is made of it, so that it lasts as long as the token does */
  constructor(token: string) {
    this.#token = token;
    this.#session = createHmac("sha256", token).update("session").digest("hex");
  }

  /** @param port where it listens */
  listensOn(port: number): void {
    this.#port = port;
  }

  /** Why something is refused whoever asks: it comes under a name that is not ours, or from another page. */
  refusalOf({ method, headers }: Pick<IncomingMessage, "method" | "headers">): string | undefined {
    const { host, origin } = headers;
    if (!this.#hosts().includes(host ?? "")) return `This is not ${host ?? "a server without a name"}.`;
    const isOwn = origin === `http://${host}`;
    if (origin !== undefined && !isOwn) return "Another page asks.";
    if (method !== "GET" && method !== "HEAD" && !isOwn) return "It is not said which page asks.";
    const site = headers["sec-fetch-site"];
    return site === undefined || site === "same-origin" || site === "none" || method === "GET"
      ? undefined
      : "Another page asks.";
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

function isSame(one: string, other: string): boolean {
  const hashed = (text: string) => createHmac("sha256", "compare").update(text).digest();
  return timingSafeEqual(hashed(one), hashed(other));
}
