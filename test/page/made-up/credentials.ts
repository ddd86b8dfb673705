import type { ConsumerRow, CredentialRow } from "../../../operator/page/wire/live.ts";
import { arnOf, DATABASE, DAY, HOUR, idOf, MINUTE, SECOND, TOKEN } from "./names.ts";

const VERSION = "0f9e8d7c-0000-4000-8000-00000000aa01";

function consumers(count: number, now: number): ConsumerRow[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ consumer: at % 9 === 8 ? "" : `checkout-${at}`, user: "orders_a", at: now - at * SECOND, by: "sessions" },
    ...{ from: [idOf(12 + (at % 6)), `10.0.1.${4 + (at % 250)}`], hasMoved: true },
  }));
}

/** A database's login of which one consumer is behind, and a token of which all is well. */
export function credentialsOf(now: number, { many = 6 } = {}): CredentialRow[] {
  return [
    {
      ...{ name: DATABASE, tone: "bad", words: ["ConsumersBehind", "1 behind"], causes: ["ConsumersBehind"] },
      versions: [
        {
          ...{ is: "current", versionId: VERSION, user: "orders_a", since: now - HOUR },
          execution: arnOf("credential", `prod-orders-db-${VERSION}-1`),
        },
        { is: "former", versionId: VERSION.replace("aa01", "aa00"), user: "orders_b" },
      ],
      consumers: [
        {
          ...{ consumer: "report-nightly", user: "orders_b", at: now - MINUTE, by: "sessions", from: [idOf(9)] },
          ...{ hasMoved: false, behind: "it has a session with orders_b, opened since the turn" },
        },
        ...consumers(many, now),
      ],
      failing: { since: now - 12 * MINUTE, nextTryAt: now + HOUR, what: "RetireFormer: 1 consumer is behind" },
    },
    {
      ...{ name: TOKEN, tone: "good", words: [], causes: [] },
      versions: [
        { is: "current", versionId: VERSION, user: "tok_7c01", since: now - 2 * DAY, goodUntil: now + 5 * DAY },
      ],
      consumers: [
        { consumer: "billing", at: now - MINUTE, user: "tok_7c01", by: "proofs", from: [idOf(10)], hasMoved: true },
      ],
    },
  ];
}
