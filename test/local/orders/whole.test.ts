import { afterAll, beforeAll, expect, test } from "vitest";
import type { Login } from "../../../functions/clients/authority.ts";
import { OrdersSecrets } from "../../../local/orders/secrets.ts";
import { type Orders, startOrders } from "../../../local/orders/start-orders.ts";
import { Visitors } from "../../../local/orders/visitors.ts";
import type { PostgresServer } from "../../../local/postgres/server.ts";
import { flowArn } from "../../../local/roles.ts";
import { startTestFleet, type TestFleet, until } from "../../flows/support.ts";
import { onPostgres, serverFolder, withSession } from "../../functions/postgres/under-test.ts";

// Everything together as npm start has it: a fleet, a PostgreSQL, and two applications that share its credential.

onPostgres("a credential that two applications share", () => {
  const place = serverFolder();
  let orders: Orders & { server: PostgresServer };
  let fleet: TestFleet;
  let secrets: OrdersSecrets;
  let visitors: Visitors;
  let visiting: NodeJS.Timeout;

  beforeAll(async () => {
    const started = await startOrders(place.folder, { quietSeconds: 2, deadlineSeconds: 60 }, { outlasts: false });
    if ("missing" in started) throw new Error(started.missing);
    orders = started;
    fleet = await startTestFleet(2, { orders });
    secrets = new OrdersSecrets(fleet.aws);
    visitors = new Visitors({ ports: orders.ports, tell: () => {} });
  });
  afterAll(async () => {
    clearInterval(visiting);
    secrets?.close();
    await fleet?.close();
    await orders?.server.remove();
    place.remove();
  });

  const executionOf = (versionId: string) =>
    fleet.aws.executions.list(flowArn("credential"), 100).find(({ name }) => name.includes(versionId));
  const ended = (versionId: string) =>
    until(() => {
      const execution = executionOf(versionId);
      return execution?.status === "RUNNING" ? undefined : execution;
    }, `the end of the rotation of version ${versionId}`);
  const letsIn = ({ user, password }: Login) =>
    withSession({ port: orders.ports.database, database: "orders", user, password }, async () => "yes").catch(
      ({ code }: { code: string }) => code,
    );

  test("its first rotation is that of a secret that the database does not know", async () => {
    const { versionId } = await until(async () => {
      const current = await secrets.current();
      return executionOf(current.versionId) && current;
    }, "the first version that Keyturn has promoted");
    expect(await ended(versionId)).toMatchObject({ status: "SUCCEEDED", output: expect.stringContaining("ROTATED") });
    const isConnected = async (name: "web" | "pool") => (await visitors.pageOf(name))?.db_status === "CONNECTED";
    await until(() => isConnected("web"), "web to have its database");
    await until(() => isConnected("pool"), "pool to have its database");
  });

  test("through two rotations nobody is refused; each version has the other user, and the former is shut", async () => {
    visiting = setInterval(() => void visitors.visit(), 250);
    for (let n = 0; n < 2; n += 1) {
      const former = await secrets.current();
      const versionId = await secrets.rotate();
      expect(await ended(versionId ?? "")).toMatchObject({
        status: "SUCCEEDED",
        output: expect.stringContaining("ROTATED"),
      });
      const current = await secrets.current();
      expect(current.versionId).toBe(versionId);
      expect(current.user).not.toBe(former.user);
      expect([await letsIn(current), await letsIn(former)]).toEqual(["yes", expect.stringMatching(/^28/)]);
      for (const name of ["web", "pool"] as const) {
        expect(await visitors.pageOf(name)).toMatchObject({ user: current.user, version: versionId });
      }
    }
    expect(visitors.counts.connected).toBeGreaterThan(20);
    expect(visitors.counts.refused).toBe(0);
  });

  test("a second one in a row is not turned, and names who has not moved yet", async () => {
    const first = await secrets.rotate();
    const isCurrent = async () => (await secrets.current()).versionId === first;
    await until(isCurrent, "the first of the two versions to be current");
    const second = await until(() => secrets.rotate(), "the second rotation to begin");
    const { status, error, cause } = await ended(second);
    expect({ status, error }).toEqual({ status: "FAILED", error: "Keyturn.BEHIND" });
    expect(cause).toMatch(/web|pool/);
    expect(await ended(first ?? "")).toMatchObject({ output: expect.stringContaining("ROTATED") });
    expect(visitors.counts.refused).toBe(0);
  });
});
