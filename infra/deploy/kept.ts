import type { Part } from "../parts.ts";
import type { PlannedStack } from "../stacks.ts";
import type { Account } from "./account.ts";
import type { Names } from "./names.ts";

/** What CloudFormation leaves when the stack is removed, and imports when it is made anew. */
export interface Kept {
  /** In the template. It lasts, as test/infra/suites/released.ts holds. */
  logicalId: string;
  /** As CloudFormation calls what it is known by. */
  identifier: "TableName" | "LogGroupName" | "KeyId";
  /** Its name; a key has none, and is found by its description. */
  name: string;
}

/** Under which names in the template it stands that stays when a deployment is removed. */
const LOGICAL_IDS = {
  instanceTable: "DataInstanceTableD22D1CF2",
  auditTable: "DataAuditTableD7A94F1A",
  sealLog: "FunctionsWatchSealDayLog9F62DBE4",
  keyMaterialKey: "DataKeyMaterialKeyD02726C2",
  tableKey: "DataTableKeyC26AB094",
  nonceKey: "DataNonceKeyB3791CD2",
};

/** Whether a resource of a stack, by its name in the template, is one of ours that stay. */
export function isKept(logicalId: string): boolean {
  return Object.values(LOGICAL_IDS).includes(logicalId);
}

/** What stays when a deployment is removed: test/infra/suites/kept.ts holds it against the template. */
export function keptOf({ title, instanceTable, auditTable, sealLog }: Names, parts: readonly Part[]): readonly Kept[] {
  const all: readonly Kept[] = [
    { logicalId: LOGICAL_IDS.instanceTable, identifier: "TableName", name: instanceTable },
    { logicalId: LOGICAL_IDS.auditTable, identifier: "TableName", name: auditTable },
    { logicalId: LOGICAL_IDS.sealLog, identifier: "LogGroupName", name: sealLog },
    {
      logicalId: LOGICAL_IDS.keyMaterialKey,
      identifier: "KeyId",
      name: `${title}: encrypts the instances' keys in their records`,
    },
    {
      logicalId: LOGICAL_IDS.tableKey,
      identifier: "KeyId",
      name: `${title}: encrypts tables, samples and alert mail at rest`,
    },
    {
      logicalId: LOGICAL_IDS.nonceKey,
      identifier: "KeyId",
      name: `${title}: computes the nonces that successors are derived with`,
    },
  ];
  const ofFleet = [LOGICAL_IDS.keyMaterialKey, LOGICAL_IDS.nonceKey];
  return parts.includes("fleet") ? all : all.filter(({ logicalId }) => !ofFleet.includes(logicalId));
}

const HOW = "docs/deploying.md, Removing it, says how";

/**
 * What stayed of a former deployment of this name, if it is in the way of a new one: a complaint that says how to go on.
 * Keys alone are not in the way.
 *
 * @param id by which cdk knows the stack
 */
export async function complaintsAboutKept(
  account: Account,
  kept: readonly Kept[],
  id: PlannedStack["id"],
): Promise<string[]> {
  const named = await Promise.all(
    kept.map(async (one) => {
      if (one.identifier === "TableName") return (await account.hasTable(one.name)) ? [one] : [];
      if (one.identifier === "LogGroupName") return (await account.hasLogGroup(one.name)) ? [one] : [];
      return [];
    }),
  );
  const found = named.flat();
  if (found.length === 0) return [];
  const inTheWay = `These are there of a former deployment, and a new one cannot make them: ${found.map(({ name }) => name).join(", ")}.`;
  if (!found.some(({ identifier }) => identifier === "TableName")) {
    return [`${inTheWay} Delete them, or import them: ${HOW}.`];
  }
  const keys = kept.filter(({ identifier }) => identifier === "KeyId");
  const ids = await account.keysDescribed(keys.map(({ name }) => name));
  const unclear = keys.filter(({ name }) => ids.get(name)?.length !== 1);
  if (unclear.length > 0) {
    const which = unclear.map(({ name }) => `"${name}" (${ids.get(name)?.join(", ") ?? "none"})`);
    return [
      `${inTheWay} Their keys cannot be told by their descriptions: ${which.join("; ")}. Without its keys nobody reads ` +
        `what is in the tables; delete them, or import them with the right keys: ${HOW}.`,
    ];
  }
  const mapping = mappingOf([
    ...found.map((one) => [one, one.name] as const),
    ...keys.map((one) => [one, ids.get(one.name)?.[0] ?? ""] as const),
  ]);
  return [
    `${inTheWay} To go on with its records and its audit, write this into a file kept.json:\n${mapping}\nand then run:\n` +
      `  npx cdk import ${id} --resource-mapping kept.json\n  npm run deploy\n` +
      `To begin from nothing, delete them: ${HOW}.`,
  ];
}

/** What `cdk import --resource-mapping` takes. */
export function mappingOf(identified: readonly (readonly [Pick<Kept, "logicalId" | "identifier">, string])[]): string {
  const entries = identified.map(([{ logicalId, identifier }, value]) => [logicalId, { [identifier]: value }]);
  return JSON.stringify(Object.fromEntries(entries), undefined, 2);
}
