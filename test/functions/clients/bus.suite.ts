import { beforeAll, expect, test } from "vitest";
import { keyRotated } from "../../../events/key-rotated.ts";
import { rotationFailed } from "../../../events/rotation-failed.ts";
import type { Bus } from "../../../functions/clients/bus.ts";
import { EC2, EXECUTION, ID } from "../support.ts";
import { eventually } from "./eventually.ts";

/** The bus, and what a rule that takes everything has received. */
export interface HeardBus {
  bus: Bus;
  received(): Promise<{ detailType: string; detail: unknown }[]>;
}

const rotated = { id: ID, ec2InstanceId: EC2, generation: 2, execution: EXECUTION };

/** What every Bus does; `makeBus` is called once. */
export function busSuite(makeBus: () => HeardBus | Promise<HeardBus>): void {
  let made: HeardBus;
  beforeAll(async () => {
    made = await makeBus();
  });

  test("an event is received with its kind and its detail", async () => {
    const failed = { id: "../é", step: "PushToInstance", reason: "PushUndelivered", execution: EXECUTION };
    await made.bus.put(keyRotated, rotated);
    await made.bus.put(rotationFailed, failed);
    const events = await eventually(made.received, (all) => all.length >= 2);
    expect(events).toHaveLength(2);
    expect(events).toContainEqual({ detailType: "Key Rotated", detail: rotated });
    expect(events).toContainEqual({ detailType: "Rotation Failed", detail: failed });
  });

  test("a detail that does not fit its schema is not put", async () => {
    const before = (await made.received()).length;
    await expect(made.bus.put(keyRotated, { ...rotated, generation: 0 })).rejects.toThrow();
    await expect(made.bus.put(keyRotated, { ...rotated, key: "0" } as never)).rejects.toThrow();
    expect(await made.received()).toHaveLength(before);
  });
}
