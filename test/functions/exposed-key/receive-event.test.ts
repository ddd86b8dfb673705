import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { receiveEvent } from "../../../functions/exposed-key/receive-event/step.ts";
import { exposedWorld } from "./support.ts";

const sample = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../events/samples/${name}.json`, import.meta.url), "utf8"));
const health = sample("health-risk");

/** The names of the executions that these events start, in one world. */
async function namesOf(...events: Record<string, unknown>[]): Promise<string[]> {
  const world = exposedWorld();
  for (const event of events) await receiveEvent(event, world);
  return world.executions.started.map(({ name }) => name);
}

test.each(["health-risk", "guard-duty-finding", "access-key-exposed"])(
  "starts one execution with a whole %s",
  async (name) => {
    const world = exposedWorld();
    const event = sample(name);
    const first = await receiveEvent(event, world);
    expect(await receiveEvent(event, world)).toEqual(first);
    expect(world.executions.started).toEqual([{ flow: "exposed-key", name: first.name, input: event }]);
    expect(first.name).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
  },
);

test("an event of AWS Health is the same one in another Region, with another ID", async () => {
  const copy = { ...health, id: "another", region: "us-west-2", time: "2026-11-28T03:00:09Z" };
  expect(await namesOf(health, copy)).toHaveLength(1);
});

test("another page, communication or account of AWS Health's is another event", async () => {
  const others = [
    { ...health, detail: { ...health.detail, page: "2" } },
    { ...health, detail: { ...health.detail, communicationId: "another" } },
    { ...health, account: "111122223333" },
  ];
  expect(await namesOf(health, ...others)).toHaveLength(4);
});

test("without a communication's ID, it is the event's own ID that counts, as of other sources'", async () => {
  const { communicationId: _, ...detail } = health.detail;
  const old = { ...health, detail };
  expect(await namesOf(old, { ...old, id: "another" }, { ...old, time: "later" })).toHaveLength(2);
  const finding = sample("guard-duty-finding");
  // GuardDuty sends a finding again while it goes on.
  expect(await namesOf(finding, finding, { ...finding, id: "another" })).toHaveLength(2);
});

test("what has no ID is what it says", async () => {
  const pasted = { detail: { accessKeyId: "AKIAIOSFODNN7EXAMPLE" } };
  expect(await namesOf(pasted, pasted, { detail: { accessKeyId: "AKIAI44QH8DHBEXAMPLE" } })).toHaveLength(2);
  expect(await namesOf({}, { source: 7, id: null, detail: null })).toHaveLength(2);
});

test("what stands where a text should has its execution, too", async () => {
  const odd = (part: unknown) => ({ ...health, detail: { ...health.detail, communicationId: part } });
  const odds = [{ toString: 1, valueOf: 1 }, { a: 1 }, [1], 1].map(odd);
  expect(await namesOf(...odds, { source: { toString: null } })).toHaveLength(5);
});

test("names differ by what cannot stand in them, and by what is cut from them", async () => {
  const long = "x".repeat(100);
  const events = ["a.b", "a_b", "a b", `${long}1`, `${long}2`].map((id) => ({ source: "our.detector", id }));
  const names = await namesOf(...events);
  expect(new Set(names).size).toBe(5);
  for (const name of names) expect(name).toMatch(/^our_detector-[A-Za-z0-9_-]{1,67}$/);
});
