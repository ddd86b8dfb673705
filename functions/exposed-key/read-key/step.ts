import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { printable } from "../../shared/printable.ts";
import type { contract } from "./contract.ts";

/** How the keys of sessions begin: STS issues them, they end by themselves, and IAM knows none of them. */
const TEMPORARY = /^ASIA/;

/** More than any service or Region of AWS has letters. */
const LONGEST = 100;

/** Asks IAM whose a key is, whatever the event claims. */
export async function readKey(
  { accessKeyId }: InputOf<typeof contract>,
  { accessKeys }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  if (TEMPORARY.test(accessKeyId)) return { owner: "TEMPORARY" };
  const { lastUse, ...found } = await accessKeys.whose(accessKeyId);
  if (lastUse === undefined) return found;
  const { at, service, region } = lastUse;
  const told = (text: string) => printable(text.slice(0, LONGEST));
  return { ...found, lastUse: { at, service: told(service), region: told(region) } };
}
