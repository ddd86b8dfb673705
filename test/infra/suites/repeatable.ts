import { describe, expect, test } from "vitest";
import { identityRights } from "../policies.ts";
import type { Resource, Synthesized } from "../synthesized.ts";

/**
 * A first deployment that fails is taken back, and can be repeated: whatever had a name of its own would be in the way.
 *
 * @param first as `npm run deploy` deploys where there is nothing yet
 * @param given as it deploys from then on
 */
export function repeatable(first: Synthesized, given: Synthesized): void {
  const idsOf = (template: Synthesized, holds: (resource: Resource) => boolean) =>
    Object.entries(template.resources)
      .filter(([, resource]) => holds(resource))
      .map(([id]) => id);

  describe("a first deployment that failed leaves nothing behind:", () => {
    test("what is kept beyond the stack is not kept when its creation is taken back", () => {
      const message = "infra: let these have RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, as infra/data.ts does";
      for (const template of [first, given]) {
        expect(
          idsOf(template, ({ DeletionPolicy }) => DeletionPolicy === "Retain"),
          message,
        ).toEqual([]);
        const kept = idsOf(template, ({ DeletionPolicy }) => DeletionPolicy === "RetainExceptOnCreate");
        expect(kept.length, message).toBeGreaterThan(6);
        const replaced = "infra: keep the former of these, too, where a change makes another one";
        expect(
          kept.filter((id) => template.resources[id]?.UpdateReplacePolicy !== "Retain"),
          replaced,
        ).toEqual([]);
      }
    });

    test("no table refuses its deletion, which all that are kept do from the second deployment on", () => {
      const isProtected = ({ Properties }: Resource) => Properties.DeletionProtectionEnabled === true;
      const message =
        "infra/data.ts: protect tables from the second deployment on, or CloudFormation could not take the first one back";
      expect(idsOf(first, isProtected), message).toEqual([]);
      const kept = idsOf(
        given,
        ({ Type, DeletionPolicy }) => Type === "AWS::DynamoDB::Table" && DeletionPolicy !== "Delete",
      );
      expect(idsOf(given, isProtected), message).toEqual(kept);
      expect(kept.length).toBeGreaterThan(1);
    });

    test("the second deployment changes nothing else", () => {
      const unprotected = (template: Synthesized) =>
        JSON.stringify(template.template).replaceAll(/"DeletionProtectionEnabled":(true|false),?/g, "");
      const message = "infra: let the first deployment differ from later ones in the protection of tables alone";
      expect(unprotected(first), message).toBe(unprotected(given));
    });

    test("no function or flow makes a log group by itself, when its own is gone already", () => {
      const message = "A group that was made so has the name of the one that the stack makes: take the right away";
      expect(
        identityRights(given).filter(({ Action }) => Action.includes("logs:CreateLogGroup")),
        message,
      ).toEqual([]);
    });
  });
}
