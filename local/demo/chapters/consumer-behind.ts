import { setTimeout as pause } from "node:timers/promises";
import { credentialConsumerBehind } from "../../../events/index.ts";
import { ORDERS_SECRET, POOL } from "../../orders/orders.ts";
import { ORDERS_TIMES } from "../settings.ts";
import type { SharedCredential } from "../shared-credential.ts";
import type { Story } from "../story.ts";

/** A consumer does not move, and a second rotation is asked for meanwhile. */
export async function consumerBehind(story: Story, credential: SharedCredential): Promise<void> {
  const { account, rotations, signal } = story;
  story.tell("A worker of pool opens a session and never lets go of it. The credential is turned.");
  const refused = credential.visitors.counts.refused;
  const former = await credential.current();
  const held = await credential.hold();
  const version = await credential.rotate();
  await credential.promoted(version);
  story.tell("Somebody asks for the next rotation at once.");
  const second = await credential.ended(await credential.rotate());
  story.check("a second rotation in a row", "FAILED: Keyturn.BEHIND", `${second.status}: ${second.outcome}`);
  story.check("whom it names", POOL, second.cause.includes(POOL) ? POOL : second.cause);
  const { status, outcome, cause } = await credential.ended(version);
  const current = await credential.current();
  story.check(
    "the rotation, when its consumers' time is over",
    "FAILED: Keyturn.ConsumersBehind",
    `${status}: ${outcome}`,
  );
  story.check("whom that one names", POOL, cause.includes(POOL) ? POOL : cause);
  story.check("the version in force", version, current.versionId);
  const answers = [await credential.answerTo(former), await credential.answerTo(current)];
  story.check("the former login and the new one", "accepted, accepted", answers.join(", "));
  const told = account.eventsOf(credentialConsumerBehind.detailType).filter(({ consumer }) => consumer === POOL);
  story.check("events that tell that pool is behind", "1", `${told.length}`);
  await story.checkMail("mails about that", `Keyturn: ConsumersBehind on ${ORDERS_SECRET}`);

  story.tell("The worker is restarted.");
  await held.end();
  // Longer than nobody must have been seen on the former user.
  await pause((ORDERS_TIMES.quietSeconds + 1) * 1000, undefined, { signal });
  await rotations.look();
  const next = await credential.ended(await credential.rotate());
  story.check("the next rotation", "SUCCEEDED: ROTATED", `${next.status}: ${next.outcome}`);
  story.check("connections refused meanwhile", "0", `${credential.visitors.counts.refused - refused}`);
}
