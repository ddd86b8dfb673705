import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CfnResource, type Stack, TagManager } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { addKeyturn, newApp } from "../../infra/app.ts";
import type { Bundles } from "../../infra/bundles.ts";
import { checkSettings } from "../../infra/settings.ts";
import { settled } from "../../infra/time-series.ts";

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  UpdateReplacePolicy?: string;
  DeletionPolicy?: string;
  DependsOn?: string[];
}

/** A synthesized template: its resources, with all references written as text such as `${LogicalId.Arn}`. */
export class Synthesized {
  /** As CloudFormation is given it. */
  readonly template: Record<string, unknown>;
  readonly resources: Record<string, Resource>;
  /** The tags of the stack itself. */
  readonly stackTags: Record<string, string>;
  /** Logical IDs of the resources that CDK can tag. */
  readonly taggable: string[];

  constructor(stack: Stack) {
    this.template = Template.fromStack(stack).toJSON();
    this.stackTags = stack.tags.tagValues();
    const own = stack.node.findAll().filter((one) => CfnResource.isCfnResource(one));
    this.taggable = own
      .filter((one) => TagManager.of(one) !== undefined)
      .map((one) => String(stack.resolve(one.logicalId)));
    this.resources = readable(this.template.Resources) as Record<string, Resource>;
  }

  ofType(type: string): [logicalId: string, resource: Resource][] {
    return Object.entries(this.resources).filter(([, resource]) => resource.Type === type);
  }

  /** The one resource of a type whose property has that value. */
  one(type: string, property: string, value: unknown): [logicalId: string, resource: Resource] {
    const [found, ...more] = this.ofType(type).filter(([, { Properties }]) => Properties[property] === value);
    if (found === undefined || more.length > 0) throw new Error(`not exactly one ${type} with ${property} ${value}`);
    return found;
  }
}

/** What `cdk.json` holds as the product's settings. */
export function shippedSettings(): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")).context.keyturn;
}

/** The settings with which everything is deployed that there is, where one does not say otherwise. */
export const EVERYTHING = { exposedKeys: { ...(shippedSettings().exposedKeys as object), deploy: "on" } };

/**
 * Synthesizes the stack, the first one if there are more, without the validation that `npm run synth` does. What functions run is left out.
 *
 * @param given `context` is what `cdk` is given with `--context`, beside the settings; `agentFolder` has what goes onto an
 *   instance, which is left out as well where it is not given
 */
export function synthesize(changes: Record<string, unknown> = {}, circumstances: Circumstances = {}): Synthesized {
  return synthesizeAll(changes, circumstances)[0];
}

interface Circumstances {
  context?: Record<string, string>;
  agentFolder?: string;
  /** In which one deploys. */
  region?: string;
}

/** The same of each stack that the settings ask for. */
export function synthesizeAll(
  changes: Record<string, unknown>,
  { context = {}, agentFolder, region }: Circumstances = {},
): [Synthesized, ...Synthesized[]] {
  process.env.CDK_VALIDATION = "false";
  // What CDK would only warn of, whoever synthesizes.
  process.env.JSII_DEPRECATED = "fail";
  const settings = settled(checkSettings({ ...shippedSettings(), ...changes }, { region }), undefined);
  const folder = mkdtempSync(join(tmpdir(), "keyturn-cdk-"));
  try {
    const bundles = { ...emptyBundles(folder), ...(agentFolder !== undefined && { agentFolder }) };
    const app = newApp({ outdir: join(folder, "cdk.out"), context });
    const [first, ...others] = addKeyturn(app, settings, bundles, region);
    return [new Synthesized(first), ...others.map((stack) => new Synthesized(stack))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function emptyBundles(folder: string): Bundles {
  const folderOf = (name: string) => {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "index.mjs"), `// ${name}`);
    return join(folder, name);
  };
  return { folderOf, agentFolder: folderOf("agent") };
}

function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== "object" || value === null) return value;
  const [[name, argument] = ["", undefined], ...more] = Object.entries(value);
  if (more.length === 0) {
    if (name === "Ref") return `\${${argument}}`;
    if (name === "Fn::GetAtt") return `\${${(argument as string[]).join(".")}}`;
    if (name === "Fn::Base64") return readable(argument);
    if (name === "Fn::Sub") return argument;
    if (name === "Fn::Join") return (readable((argument as unknown[])[1]) as string[]).join("");
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]));
}
