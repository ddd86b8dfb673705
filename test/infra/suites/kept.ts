import { describe, expect, test } from "vitest";
import { keptOf } from "../../../infra/deploy/kept.ts";
import { namesFor } from "../../../infra/deploy/names.ts";
import { PARTS, type Part } from "../../../infra/parts.ts";
import type { Synthesized } from "../synthesized.ts";

/** What stays when the stack is removed, and what `npm run deploy` and `npm run destroy` say of it. */
export function kept(
  store: string,
  given: Synthesized,
  { stackName = "Keyturn", parts = PARTS }: { stackName?: string; parts?: readonly Part[] } = {},
): void {
  const all = keptOf(namesFor({ stackName }, "eu-west-1"), parts);

  describe(`what stays of a deployment with ${store}`, () => {
    test("is what infra/deploy/kept.ts lists, by the logical IDs and names of the template", () => {
      const staying = Object.entries(given.resources)
        .filter(([, { DeletionPolicy = "" }]) => DeletionPolicy.startsWith("Retain"))
        // A version goes with its state machine.
        .filter(([, { Type }]) => Type !== "AWS::StepFunctions::StateMachineVersion");
      const listed = all.map(({ logicalId, identifier, name }) => {
        const property = identifier === "KeyId" ? "Description" : identifier;
        return [logicalId, given.resources[logicalId]?.Properties[property] === name];
      });
      const message =
        "infra/deploy/kept.ts: list what the template retains, under its logical IDs, so that it can be imported";
      expect(Object.fromEntries(listed), message).toEqual(Object.fromEntries(staying.map(([id]) => [id, true])));
    });

    test("refers to nothing that goes, so that it can be imported by itself", () => {
      const ids = all.map(({ logicalId }) => logicalId);
      const text = JSON.stringify(ids.map((id) => given.resources[id]));
      const referred = Array.from(text.matchAll(/\$\{(\w+)(?:\.\w+)?\}/g), ([, id = ""]) => id).filter(
        (id) => id in given.resources,
      );
      expect(
        referred.filter((id) => !ids.includes(id)),
        "CloudFormation imports only what needs nothing that it does not import: let these be no references",
      ).toEqual([]);
    });
  });
}
