import { expect, test } from "vitest";
import { validateId } from "../../../functions/rotation/validate-id/step.ts";
import { controlPlane, EC2, ID, LINE, NOW, rekeyOpened, TestInstance } from "../support.ts";

test("an active instance is turned from the generation that its record has", async () => {
  const plane = await controlPlane({}, new TestInstance({ generation: 7 }));
  expect(await validateId({ id: ID }, plane)).toEqual({ id: ID, ec2InstanceId: EC2, generation: 7 });
});

test("a stopped instance is validated, since its verdict says that it is waited for", async () => {
  const plane = await controlPlane({ status: "STOPPED" });
  expect(await validateId({ id: ID }, plane)).toMatchObject({ generation: 1 });
});

test("an ID that nobody has is unknown", async () => {
  const plane = await controlPlane();
  await expect(validateId({ id: "ffffff" }, plane)).rejects.toMatchObject({
    name: "UnknownId",
    message: expect.stringContaining("ffffff"),
  });
});

test("a retired instance is not turned", async () => {
  const plane = await controlPlane();
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
  await expect(validateId({ id: ID }, plane)).rejects.toMatchObject({ name: "Retired" });
});

test("an instance in quarantine is not turned", async () => {
  const plane = await controlPlane({ status: "QUARANTINED" });
  await expect(validateId({ id: ID }, plane)).rejects.toMatchObject({ name: "Quarantined" });
});

test("a new instance may have to wait for a former one", async () => {
  const plane = await controlPlane({ status: "NEW" });
  await expect(validateId({ id: ID }, plane)).rejects.toMatchObject({ name: "Newcomer" });
});

test("of one that is to be rekeyed the rekey is pushed instead; in quarantine nothing is", async () => {
  const plane = await controlPlane();
  await rekeyOpened(plane);
  await expect(validateId({ id: ID }, plane)).rejects.toMatchObject({ name: "Rekeying" });
  await plane.registry.quarantine(ID, { line: LINE });
  await expect(validateId({ id: ID }, plane)).rejects.toMatchObject({ name: "Quarantined" });
});
