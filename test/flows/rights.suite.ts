import { KMSClient } from "@aws-sdk/client-kms";
import { type AuthorizationRecord, arnOf } from "embedded-aws";
import { expect, test } from "vitest";
import type { CredentialSettings } from "../../functions/shared/credential-settings.ts";
import type { ExposedKeySettings } from "../../functions/shared/exposed-key-settings.ts";
import { functionNameOf, STEPS } from "../../functions/steps.ts";
import type { Arns } from "../../infra/rights/arns.ts";
import type { Statement } from "../../infra/rights/statement.ts";
import { stepRights } from "../../infra/rights/steps.ts";
import { NAMES } from "../../infra/wiring.ts";
import { keyNamed } from "../../local/deploy-data.ts";
import type { FleetOptions } from "../../local/fleet.ts";
import { arnsHere } from "../../local/roles.ts";
import type { SeriesStore } from "../../protocol/index.ts";
import type { TestFleet } from "./support.ts";

/** What makes a step do something: what has to be there before, what it is told, and what brings things in order again. */
export interface Way<Prepared> {
  prepare: () => Promise<Prepared>;
  act: (prepared: Prepared) => Promise<unknown>;
  after?: (prepared: Prepared) => Promise<unknown>;
}
export const way = <Prepared>(one: Way<Prepared>) => one as Way<unknown>;

/** One right: an action in a statement of a step's role. */
export interface Right {
  role: string;
  statement: number;
  action: string;
}

type Step = (typeof STEPS)[number];

/** Whether a step has to do with shared credentials, and so with the databases that honour them. */
export function isOfCredentials({ flow, name }: Step): boolean {
  return flow === "credential" || name === "read-credentials" || name === "look-at-credentials";
}

/** Whether a step has to do with exposed access keys, and so with users. */
export function isOfExposedKeys({ flow }: Step): boolean {
  return flow === "exposed-key";
}

/** The rights of steps, as their contracts name them; to the key of the tables, what AWS is known to ask for. */
export function rightsOf(isMeant: (step: Step) => boolean, arns: Arns): Right[] {
  return STEPS.filter(isMeant).flatMap((step) =>
    stepRights(step, arns).flatMap(({ Action, Condition }, statement) => {
      const throughService = Condition?.StringEquals?.["kms:ViaService"] !== undefined;
      const actions = throughService ? Action.filter((action) => action === "kms:Decrypt") : Action;
      return actions.map((action) => ({ role: functionNameOf(step), statement, action }));
    }),
  );
}

/** ARNs before anything is made: what there are rights to is known. */
export function anyArns(credentials: readonly CredentialSettings[] = [], exposedKeys?: ExposedKeySettings): Arns {
  const made = { keyMaterialKey: "", nonceKey: "", tableKey: "", alertTopic: "", eventBus: "" };
  return arnsHere(made, ["timestream"], credentials, exposedKeys);
}

/** The ARNs of what a fleet has. */
export async function arnsUnder(
  { aws: { endpoint, region, credentials: keys } }: TestFleet,
  credentials: readonly CredentialSettings[] = [],
  stores: readonly SeriesStore[] = ["timestream"],
  exposedKeys?: ExposedKeySettings,
): Promise<Arns> {
  const kms = new KMSClient({ endpoint, region, credentials: keys });
  const key = (alias: string) => keyNamed(kms, alias, "SYMMETRIC_DEFAULT");
  const made = {
    keyMaterialKey: await key(NAMES.keyMaterialKey),
    nonceKey: await key(NAMES.nonceKey),
    tableKey: await key(NAMES.tableKey),
    alertTopic: arnOf("sns", NAMES.alertTopic),
    eventBus: arnOf("events", `event-bus/${NAMES.eventBus}`),
  };
  return arnsHere(made, stores, credentials, exposedKeys);
}

/** What was asked of the embedded AWS. */
export class Asked {
  readonly seen: AuthorizationRecord[] = [];
  /** The codes of the errors that functions were answered with. */
  readonly refused: string[] = [];

  /** For the fleet that is asked. */
  readonly noting: Pick<FleetOptions, "onAuthorized" | "onCall"> = {
    onAuthorized: (authorization) => void this.seen.push(authorization),
    onCall: ({ principal, error }) => {
      if (principal.kind === "lambda" && error !== undefined) this.refused.push(error);
    },
  };
}

/** What a suite is over; known once its fleet has started. */
interface UnderTest {
  fleet: TestFleet;
  arns: Arns;
  asked: Asked;
}

/**
 * Each right is used on one of the ways, and none is asked for that is not among them; with one taken away the step fails, in
 * AWS's words.
 *
 * @param ways each may be gone any number of times
 */
export function rightsSuite({
  rights,
  ways,
  under,
}: {
  rights: readonly Right[];
  ways: Record<string, Way<unknown>>;
  under: () => UnderTest;
}): void {
  /** The statements of a step's role here, without one action of one of them. */
  function statementsOf(role: string, without?: Right): Statement[] {
    const step = STEPS.find((one) => functionNameOf(one) === role);
    if (step === undefined) throw new Error(`no step has the role ${role}`);
    return stepRights(step, under().arns)
      .map((statement, index) => ({
        ...statement,
        Action: statement.Action.filter((action) => index !== without?.statement || action !== without.action),
      }))
      .filter(({ Action }) => Action.length > 0);
  }

  /** Whether an authorisation was asked for by whom a right is given to, and is what that right allows. */
  function isOf({ role, statement, action }: Right, asked: AuthorizationRecord): boolean {
    if (!asked.principal.arn.includes(`:assumed-role/${role}/`) || asked.action !== action) return false;
    const resources = statementsOf(role)[statement]?.Resource ?? [];
    return resources.some((resource) => matches(resource, asked.resource));
  }

  /** By right, the way on which it was first used. */
  const usedOn = new Map<Right, Way<unknown>>();

  test("between them the ways use every right of every step, and nothing else is asked for", async () => {
    const { fleet, asked } = under();
    for (const one of Object.values(ways)) {
      await fleet.forgetFindings();
      const prepared = await one.prepare();
      const before = asked.seen.length;
      await one.act(prepared);
      for (const right of rights.filter((each) => !usedOn.has(each))) {
        if (asked.seen.slice(before).some((each) => isOf(right, each))) usedOn.set(right, one);
      }
      await one.after?.(prepared);
    }
    const unused = rights.filter((right) => !usedOn.has(right));
    expect(unused, "Take what a step does not use out of its contract, or add the way that uses it").toEqual([]);
    expect(
      asked.seen.filter(({ allowed }) => !allowed),
      "A step asks for what its contract does not name",
    ).toEqual([]);
  });

  test.each(rights)("$role cannot do without $action", async (right) => {
    const { fleet, asked } = under();
    const one = usedOn.get(right);
    if (one === undefined) throw new Error("no way is known that uses it: see the test before");
    await fleet.forgetFindings();
    const prepared = await one.prepare();
    const [before, refusedBefore] = [asked.seen.length, asked.refused.length];
    fleet.aws.roles.put({ name: right.role, statements: statementsOf(right.role, right) });
    try {
      await one.act(prepared);
    } finally {
      fleet.aws.roles.put({ name: right.role, statements: statementsOf(right.role) });
    }
    const denied = asked.seen.slice(before).filter(({ allowed }) => !allowed);
    expect(denied.length).toBeGreaterThan(0);
    for (const each of denied) expect(isOf(right, each), `${each.action} on ${each.resource}`).toBe(true);
    const words = [
      ...["AccessDeniedException", "AccessDenied", "AuthorizationError", "UnauthorizedOperation", "KMSAccessDenied"],
    ];
    expect(asked.refused.slice(refusedBefore).some((code) => words.includes(code))).toBe(true);
    await one.after?.(prepared);
  });
}

/** Whether a resource is one of those that a pattern of IAM's means: `*` stands for anything, `?` for one character. */
function matches(pattern: string, resource: string): boolean {
  const parts = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${parts}$`).test(resource);
}
