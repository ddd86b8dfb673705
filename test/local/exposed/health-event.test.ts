import { expect, test } from "vitest";
import { healthRisk } from "../../../events/index.ts";
import sample from "../../../events/samples/health-risk.json" with { type: "json" };
import { keyExposed } from "../../../local/exposed/health-event.ts";

test("the event is as AWS Health's is kept, with this key and this communication", () => {
  const at = new Date(sample.detail.startTime);
  const { communicationId } = sample.detail;
  const event = keyExposed("AKIAIOSFODNN7EXAMPLE", { at, communicationId });
  expect(healthRisk.detail.safeParse(event.detail).success).toBe(true);
  const { eventArn, ...detail } = sample.detail;
  expect(event.detail.eventArn).toBe(eventArn.replace("0a1b2c3d", communicationId));
  expect(event).toMatchObject({ source: sample.source, resources: sample.resources, detail });
  expect(Object.keys(event.detail).sort()).toEqual(Object.keys(sample.detail).sort());
});
