import { expect, test } from "vitest";
import { validateRekey } from "../../../functions/rotation/validate-rekey/step.ts";
import { type ControlPlane, controlPlane, EC2, ID, LINE, NOW, rekeyOpened } from "../support.ts";

test("the generation of the rekey that stands is given beside that of the key that is held", async () => {
  const plane = await controlPlane();
  await rekeyOpened(plane, 9);
  expect(await validateRekey({ id: ID }, plane)).toEqual({ id: ID, ec2InstanceId: EC2, generation: 1, rekey: 9 });
});

test("one whose host is off is not pushed its rekey, which waits for it", async () => {
  const plane = await controlPlane({ status: "STOPPED" });
  await rekeyOpened(plane);
  await expect(validateRekey({ id: ID }, plane)).rejects.toMatchObject({ name: "Waiting" });
  await plane.registry.start(ID, { ec2InstanceId: EC2, at: NOW });
  expect(await validateRekey({ id: ID }, plane)).toMatchObject({ rekey: 5 });
});

test.each<[string, string, (plane: ControlPlane) => unknown]>([
  ["is in quarantine", "Quarantined", ({ registry }) => registry.quarantine(ID, { line: LINE })],
  ["was retired", "Retired", ({ registry }) => registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE })],
  ["was lost", "UnknownId", ({ registry }) => registry.records.clear()],
])("one that %s meanwhile ends as %s", async (_what, name, arrange) => {
  const plane = await controlPlane();
  await rekeyOpened(plane);
  await arrange(plane);
  await expect(validateRekey({ id: ID }, plane)).rejects.toMatchObject({ name });
});

test("a rekey that no longer stands was seen to by another", async () => {
  await expect(validateRekey({ id: ID }, await controlPlane())).rejects.toMatchObject({ name: "Superseded" });
});
