import { credentialRotated } from "../../../events/credential-rotated.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { demandCredential } from "../demand-credential.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import { notePromotion } from "../note-promotion.ts";
import { noLongerPending } from "../still-pending.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/**
 * Makes the confirmed version the current one, in Secrets Manager and then in the record; finding either done is success.
 * Whatever it does, it does again when it is run again, but for the moment of the promotion, which is kept.
 */
export async function promoteSuccessor(input: Input, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const { secrets, bus, journal } = neighbours;
  const { secret, token, current, other, verdict, execution, asked, enteredAt } = input;
  const { quietSeconds } = demandCredential(secret, neighbours);
  await demandPromotable(input, neighbours);
  // Decided by the label itself: of two that promote at once, or of one that was held up, one takes it from the former.
  if (!(await secrets.promote(secret, token, { from: current.versionId }))) throw noLongerPending(input);
  // What somebody puts by hand later would leave it on a version that is not current, and the next rotation be refused.
  await secrets.dropPending(secret, token);
  const record = await notePromotion(
    {
      ...{ secret, token, execution, asked, enteredAt },
      details: { verdict, from: current.versionId },
    },
    neighbours,
  );
  // A later one was promoted while this call was held up.
  if (record.current?.versionId !== token) throw noLongerPending(input);
  await bus.put(credentialRotated, { secret, versionId: token, user: other.user, execution });
  journal.info("promoted", { secret, token, user: other.user });
  journal.count("CredentialRotation", { outcome: "ROTATED" });
  const { predecessor } = record;
  const former = predecessor && { user: predecessor.user, versionId: predecessor.versionId };
  return { ...(former && { predecessor: former }), againInSeconds: predecessor?.forced ? 1 : quietSeconds };
}

/** Invariant: a promotion is preceded by the authority's own acceptance of that very credential. */
async function demandPromotable(input: Input, { secrets, credentials }: Neighbours): Promise<void> {
  const { secret, token, other } = input;
  const stages = await secrets.stages(secret);
  if (stages === undefined)
    throw new StepError(CREDENTIAL_ERRORS.gone, `There is no secret ${secret}, or it is deleted.`);
  if (stages.current !== token && stages.pending !== token) throw noLongerPending(input);
  const { current, confirmed } = (await credentials.find(secret)) ?? {};
  if (current?.versionId === token) return;
  if (confirmed?.versionId === token && confirmed.user === other.user) return;
  throw new Error(
    `The version ${token} of ${secret} was not confirmed: it is promoted once the authority has accepted it.`,
  );
}
