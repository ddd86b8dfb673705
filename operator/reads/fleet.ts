import type { Finding } from "../../functions/findings/finding.ts";
import { type Looked, lookedAt } from "../looked.ts";
import { listOpenFindings } from "./findings.ts";
import { listInstances, type Reading } from "./instances.ts";

/** All instances, the retired ones too, with what stands about each; and what stands about nothing among them. */
export async function readFleet(context: Reading): Promise<{ looked: Looked[]; others: Finding[] }> {
  const [instances, findings] = await Promise.all([listInstances(context), listOpenFindings(context)]);
  return lookedAt(instances, findings);
}
