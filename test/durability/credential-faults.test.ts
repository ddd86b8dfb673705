import { type CallRecord, Faults } from "embedded-aws";
import { expect, onTestFinished, test } from "vitest";
import { OrdersSecrets } from "../../local/orders/secrets.ts";
import { startOrders } from "../../local/orders/start-orders.ts";
import { Visitors } from "../../local/orders/visitors.ts";
import { startTestFleet, until } from "../flows/support.ts";
import { onPostgres, serverFolder } from "../functions/postgres/under-test.ts";
import { seedsToRun } from "./seeded.ts";

const TURNS = 3;

onPostgres("a credential that two applications share", () => {
  test.each(seedsToRun([1]))(
    "with calls refused, delayed and unanswered, and reads that lag (seed %i), is turned again and again, and nobody is refused",
    { timeout: 150_000 },
    async (seed) => {
      const place = serverFolder();
      onTestFinished(() => place.remove());
      const orders = await startOrders(place.folder, { quietSeconds: 2, deadlineSeconds: 20 }, { outlasts: false });
      if ("missing" in orders) throw new Error(orders.missing);
      onTestFinished(() => orders.server.remove());
      const failed: CallRecord[] = [];
      const fleet = await startTestFleet(2, {
        orders,
        faults: new Faults(seed),
        settings: { watchSeconds: { looks: 2, proofs: 3600 } },
        onCall: (call) => {
          if (call.error !== undefined) failed.push(call);
        },
      });
      onTestFinished(() => fleet.close());
      const secrets = new OrdersSecrets(fleet.aws);
      const told: string[] = [];
      const visitors = new Visitors({ ports: orders.ports, tell: (sentence) => void told.push(sentence) });
      visitors.start();
      onTestFinished(() => {
        visitors.stop();
        secrets.close();
      });

      const seen = new Set<string>();
      await until(
        async () => {
          // What AWS refuses now it may answer at the next look.
          const current = await secrets.current().catch(() => undefined);
          if (current !== undefined) seen.add(current.versionId);
          if (seen.size > TURNS) return true;
          await secrets.rotate().catch(() => undefined);
          return false;
        },
        `${TURNS} turns of the credential`,
        120_000,
      );
      // Before the first turn the database knows no password; from an application's first login on, it is never without one.
      expect(visitors.counts.refused, told.join("; ")).toBe(0);
      expect(visitors.counts.connected).toBeGreaterThan(10);
      // Faults there were, and no defects of the embedded AWS.
      expect(failed.some(({ error }) => error === "ThrottlingException")).toBe(true);
      expect(failed.filter(({ error }) => error === "InternalFailure" || error === "ServiceException")).toEqual([]);
    },
  );
});
