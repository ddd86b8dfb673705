import { expect, test } from "vitest";
import { startTestFleet } from "./support.ts";

test("with the samples in DynamoDB, an instance proves its key and has it turned", async () => {
  const fleet = await startTestFleet(1, { settings: { timeSeries: "dynamodb" } });
  try {
    const [record] = await fleet.records();
    const execution = await fleet.rotate(record?.id ?? "");
    expect(JSON.parse(execution.output ?? "{}")).toMatchObject({ outcome: "ROTATED", generation: 2 });
  } finally {
    await fleet.close();
  }
});
