import { describe, expect, test } from "vitest";
import { NAMES, namesOf } from "../../../infra/wiring.ts";
import type { Synthesized } from "../synthesized.ts";

/** The stack's name of another deployment. */
export const OTHER = "BlueTwo";

/** Where a name is one within something else that has a name of its own, in a role, or of a figure. */
const WITHIN: Record<string, string> = {
  "AWS::CloudWatch::Alarm": "MetricName",
  "AWS::IAM::Policy": "PolicyName",
  "AWS::StepFunctions::StateMachineAlias": "Name",
  "AWS::Timestream::Table": "TableName",
};

/**
 * Where the word stands for the product and not for what is deployed: in sentences, in the errors that flows end with, as the
 * namespace of the metrics (which have a dimension for the deployment), and on the instance, which belongs to one fleet.
 */
const PRODUCT =
  /Keyturn(?=[:.']| agent)|"Keyturn"(?=,"[A-Z])|KEYTURN_[A-Z_]+|\/etc\/keyturn|\/opt\/keyturn|\/var\/lib\/keyturn|keyturn-(?:agent|install)/g;

/** Two deployments in one account and Region share nothing by name, and so neither's rights, rules or figures reach the other. */
export function apart(store: string, shipped: Synthesized, other: Synthesized): void {
  const { title, prefix } = namesOf(OTHER);

  describe(`a stack of another name beside the one that is shipped, with ${store}`, () => {
    test("shares no fixed name with it", () => {
      const [one, two] = [fixedNames(shipped), fixedNames(other)];
      expect(one.size).toBeGreaterThan(80);
      expect(two.size).toBe(one.size);
      const message = "CloudFormation would refuse the second stack for these: name them in namesOf of infra/wiring.ts";
      expect(
        [...one].filter((name) => two.has(name)),
        message,
      ).toEqual([]);
      const foreign = [...two].filter((name) => !name.toLowerCase().includes(prefix));
      expect(foreign, message).toEqual([]);
    });

    test("names nothing of it: in no right, rule, variable, file, figure or command", () => {
      const message =
        "These lead to what another deployment has: take them from namesIn of infra/in-stack.ts. If it is the product \
and no name, say so in PRODUCT of this suite";
      const { Resources, Outputs, Parameters } = other.template;
      expect(textsOf({ Resources, Outputs, Parameters }).filter(namesShipped), message).toEqual([]);
    });

    test("is made of the same resources", () => {
      const typesOf = ({ resources }: Synthesized) => Object.values(resources).map(({ Type }) => Type);
      expect(typesOf(other).sort()).toEqual(typesOf(shipped).sort());
    });

    test("finds its own hosts only, and counts its own figures only", () => {
      const prefixes = other.ofType("AWS::Lambda::Function").flatMap(([, { Properties }]) => {
        const { Variables } = (Properties.Environment ?? {}) as { Variables?: Record<string, string> };
        return Variables?.NAME_PREFIX ?? [];
      });
      expect(new Set(prefixes), "infra/environment.ts: let functions know the prefix of their own stack").toEqual(
        new Set([prefix]),
      );
      const [, template] = other.one("AWS::EC2::LaunchTemplate", "LaunchTemplateName", `${prefix}-instance`);
      const tags = JSON.stringify(template.Properties.LaunchTemplateData);
      const message = "infra/instances.ts: tag hosts with the tag by which functions/clients/hosts.ec2.ts finds them";
      expect(tags, message).toContain(`{"Key":"${prefix}","Value":"instance"}`);
      expect(tags, message).not.toContain(`"Key":"${NAMES.prefix}"`);
    });

    test("can be told from it where people remove what is left of one", () => {
      const descriptions = other.ofType("AWS::KMS::Key").map(([, { Properties }]) => String(Properties.Description));
      const message = "infra/data.ts: docs/deploying.md finds the keys of a removed stack by how they are described";
      expect(
        descriptions.filter((one) => !one.startsWith(`${title}: `)),
        message,
      ).toEqual([]);
    });
  });
}

/** The names that a template gives, each with its type, without what CloudFormation puts in. */
function fixedNames(given: Synthesized): Set<string> {
  const all = Object.values(given.resources).flatMap(({ Type, Properties }) =>
    Object.entries(Properties)
      .filter(([property, value]) => /Name$/.test(property) && typeof value === "string")
      // What begins with a reference names another resource.
      .filter(([property, value]) => WITHIN[Type] !== property && !String(value).startsWith("${"))
      .map(([property, value]) => `${Type} ${property} ${value}`),
  );
  return new Set(all);
}

/** Every text in a value, and every name of a field. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "Namespace" ? [] : [name, ...(textsOf(inner) as string[])],
  );
}

function namesShipped(text: string): boolean {
  return text.replace(PRODUCT, "").toLowerCase().includes(NAMES.prefix);
}
