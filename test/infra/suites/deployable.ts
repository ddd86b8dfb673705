import { describe, expect, test } from "vitest";
import type { Synthesized } from "../synthesized.ts";
import { placesOf, referencesIn } from "../walk.ts";

/** What CloudFormation and the services would only say in the middle of a deployment. */
export function deployable(settings: string, given: Synthesized): void {
  describe(`CloudFormation takes the template with ${settings}`, () => {
    // CloudFormation refuses a template with a null before it makes anything, also where the service itself takes one,
    // as EventBridge does in a pattern. https://github.com/aws/aws-cdk/issues/8660
    test("no null stands anywhere in it", () => {
      const message =
        "CloudFormation takes no null: leave the field out; in a rule's pattern, make two rules of it, split by what \
else tells the events apart, as infra/wiring.ts does by status";
      expect(
        placesOf(given.template, (value) => value === null),
        message,
      ).toEqual([]);
    });

    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    test("it keeps the limits of a template", () => {
      const { Resources = {}, Outputs = {}, Parameters = {}, Description = "" } = given.template;
      const split = "CloudFormation takes no more: move a part of infra/stack.ts into a stack of its own";
      // As CDK uploads it.
      const bytes = Buffer.byteLength(JSON.stringify(given.template, undefined, 1));
      expect(bytes, `bytes. ${split}`).toBeLessThan(1_000_000);
      expect(Object.keys(Resources as object).length, `resources. ${split}`).toBeLessThanOrEqual(500);
      expect(Object.keys(Outputs as object).length, `outputs. ${split}`).toBeLessThanOrEqual(200);
      expect(Object.keys(Parameters as object).length, `parameters. ${split}`).toBeLessThanOrEqual(200);
      const shorten = "Shorten the stack's description in infra/stack.ts";
      expect(Buffer.byteLength(String(Description)), shorten).toBeLessThanOrEqual(1024);
      expect(
        Object.keys(Resources as object).filter((id) => !/^[A-Za-z0-9]{1,255}$/.test(id)),
        "Name these in infra with letters and digits only, no more than 255 with the names of what they stand in",
      ).toEqual([]);
    });

    test("everything in it is text, number, truth value, list or object, and no field is named by nothing", () => {
      const kinds = ["string", "number", "boolean", "object"];
      const message = "The template is JSON: give these places of infra a value and a name, or leave them out";
      expect(
        placesOf(given.template, (value) => !kinds.includes(typeof value)),
        message,
      ).toEqual([]);
      expect(
        placesOf(given.template, (_value, name) => name === ""),
        message,
      ).toEqual([]);
    });

    test("no resource needs itself by way of others", () => {
      const needs = new Map(
        Object.entries(given.resources).map(([id, resource]) => [id, referencesIn(resource, given.resources)]),
      );
      const settled = new Set<string>();
      const visit = (id: string, path: string[]): void => {
        const message = `No resource can be made first: let one name the next by its name, not by a reference: ${[...path, id].join(" → ")}`;
        expect(path, message).not.toContain(id);
        if (settled.has(id)) return;
        for (const next of needs.get(id) ?? []) visit(next, [...path, id]);
        settled.add(id);
      };
      for (const id of needs.keys()) visit(id, []);
      expect(settled.size).toBe(needs.size);
    });

    test("descriptions have the length and the characters that AWS takes", () => {
      for (const [id, { Type, Properties }] of Object.entries(given.resources)) {
        const text = String(Properties.Description ?? Properties.AlarmDescription ?? "");
        expect(text.length, `Shorten the description of ${id} in infra`).toBeLessThanOrEqual(
          Type === "AWS::CloudWatch::Alarm" ? 1024 : 256,
        );
        const message = `IAM takes Latin letters and signs only: mend the description of ${id} in infra`;
        if (Type.startsWith("AWS::IAM::")) expect(text, message).toMatch(/^[\t\n\r -~¡-ÿ]*$/);
      }
    });
  });
}
