import { expect, test } from "vitest";
import { retireFormer } from "../../../functions/registration/retire-former/step.ts";
import { controlPlane, EC2, EXECUTION, ID, NOW, OTHER_EC2 } from "../support.ts";

const input = { id: "ffffff", former: ID, ec2InstanceId: EC2, execution: EXECUTION };

test("the former record is retired, its key erased, and people are told of both IDs", async () => {
  const plane = await controlPlane();
  expect(await retireFormer(input, plane)).toEqual({ retired: true });
  expect(await plane.registry.find(ID)).toEqual({ id: ID, ec2InstanceId: EC2, status: "RETIRED", retiredAt: NOW });
  const [mail] = plane.mail.sent;
  expect(mail?.subject).toBe(`Keyturn: ${EC2} registered anew as ffffff; ${ID} is retired`);
  expect(mail?.text).toContain("lost its identity file");
  expect(mail?.text).toContain(EXECUTION);
});

test("retired again, it stays as it was", async () => {
  const plane = await controlPlane();
  await retireFormer(input, plane);
  const before = await plane.registry.find(ID);
  plane.clock.at += 1000;
  expect(await retireFormer(input, plane)).toEqual({ retired: false });
  expect(await plane.registry.find(ID)).toEqual(before);
});

test("a record of another host is left alone", async () => {
  const plane = await controlPlane();
  const before = await plane.record();
  expect(await retireFormer({ ...input, ec2InstanceId: OTHER_EC2 }, plane)).toEqual({ retired: false });
  expect(await plane.record()).toEqual(before);
});

test("when people cannot be told, nothing is retired", async () => {
  const plane = await controlPlane();
  const silent = { ...plane, mail: { send: () => Promise.reject(new Error("topic away")) } };
  await expect(retireFormer(input, silent)).rejects.toThrow("topic away");
  expect((await plane.record()).status).toBe("ACTIVE");
});
