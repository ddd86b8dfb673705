import { describe, expect, test } from "vitest";
import type { Synthesized } from "../synthesized.ts";

/** What CloudFormation and the services would only say in the middle of a deployment. */
export function deployable(store: string, given: Synthesized): void {
  describe(`CloudFormation takes the template with ${store}`, () => {
    test("no resource needs itself by way of others", () => {
      const needs = new Map(
        Object.entries(given.resources).map(([id, resource]) => [id, referencesIn(resource, given.resources)]),
      );
      const settled = new Set<string>();
      const visit = (id: string, path: string[]): void => {
        expect(path, [...path, id].join(" → ")).not.toContain(id);
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
        expect(text.length, id).toBeLessThanOrEqual(Type === "AWS::CloudWatch::Alarm" ? 1024 : 256);
        if (Type.startsWith("AWS::IAM::")) expect(text, id).toMatch(/^[\t\n\r -~¡-ÿ]*$/);
      }
    });

    test("no managed policy is longer than IAM takes", () => {
      for (const [id, { Properties }] of given.ofType("AWS::IAM::ManagedPolicy")) {
        expect(JSON.stringify(Properties.PolicyDocument).length, id).toBeLessThan(6144);
      }
    });
  });
}

/** Logical IDs that a resource refers to. */
function referencesIn(resource: unknown, all: Record<string, unknown>): string[] {
  const text = JSON.stringify(resource);
  const references = Array.from(text.matchAll(/\$\{(\w+)(?:\.[\w.]+)?\}/g), ([, id]) => id ?? "");
  const { DependsOn = [] } = resource as { DependsOn?: string | string[] };
  return [...new Set([...references, ...[DependsOn].flat()])].filter((id) => id in all);
}
