import { claimed as claims } from "../../audit/asked.ts";
import { lineOf } from "../../audit/line.ts";
import { putLines } from "../../audit/put-lines.ts";
import { findLive } from "../../clients/find-live.ts";
import { openFinding } from "../../findings/open.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";
import { provedSuccessor } from "./proved-successor.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/**
 * Brings a record forward that is behind its instance, as one of a restored table is. Nonces are computed and not drawn, so
 * that deriving again gives the keys that the instance has turned to; and that it has, its samples prove.
 *
 * @throws StepError RecordBehind where none of the successors is proved: somebody has made the claim up, the key file was
 *   altered, or a rekey lies in between, whose key cannot be derived
 */
export async function deriveAgain(input: Input, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const { registry, vault, now, journal } = neighbours;
  const { id, ec2InstanceId, generation, claimed, samples, execution } = input;
  const record = await findLive(registry, id);
  if (record.rekey !== undefined) throw new StepError("Rekeying", `A rekey of ${id} stands.`);
  // This step has run before, or another execution has turned it: it is validated once more.
  if (record.current.generation !== generation) return { generation: record.current.generation };

  const key = await vault.unseal(record.current.ciphertext, { id, ec2InstanceId, generation });
  const proved = await provedSuccessor({ key, id, ec2InstanceId, generation }, samples, neighbours);
  if (proved === undefined) {
    const message = `${id} claims generation ${claimed}, and the record knows ${generation}: no key that follows from that one is proved.`;
    throw new StepError("RecordBehind", message);
  }
  const { key: held, ...name } = proved;
  const sealed = { ...name, ciphertext: await vault.seal(held, { id, ec2InstanceId, generation: name.generation }) };
  // Told first: whoever dies in between runs again, and finds it told.
  const said = `Its record was at generation ${generation}, and it proves its key of generation ${proved.generation}.`;
  const facts = { ec2InstanceId, generation: proved.generation, said };
  await openFinding({ subject: id, cause: "BroughtForward", execution, facts }, neighbours);
  const at = now();
  const details = { from: generation, generation: proved.generation, execution, ...claims(input.asked) };
  const line = lineOf("brought-forward", at, details);
  await registry.bringForward(id, { from: generation, key: sealed, at, line });
  const after = await findLive(registry, id);
  await putLines(id, after, neighbours);
  journal.info("brought forward", { id, ec2InstanceId, from: generation, generation: after.current.generation });
  return { generation: after.current.generation };
}
