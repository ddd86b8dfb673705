import { ORDERS_SECRET } from "../../orders/orders.ts";
import type { SharedCredential } from "../shared-credential.ts";
import type { Story } from "../story.ts";

/** Somebody gives the user that is in force another password: nothing is turned until a person says that it be mended. */
export async function mendCredential(story: Story, credential: SharedCredential): Promise<void> {
  const { rotations } = story;
  const before = await credential.current();
  story.tell(`Somebody gives ${before.user} another password, behind everybody's back.`);
  await credential.alterBehindOurBack(before.user, "made up");
  // The sessions of pool go on; who connects is refused.
  await credential.saidBy("web", "DISCONNECTED");
  await rotations.look();
  const { status, outcome } = await credential.ended(await credential.rotate());
  story.check("rotation of a login that is refused", "FAILED: Keyturn.MISMATCH", `${status}: ${outcome}`);
  await story.checkMail("mails about a login that is refused", `Keyturn: CredentialMismatch on ${ORDERS_SECRET}`);
  story.check("the version in force then", before.versionId, (await credential.current()).versionId);

  story.tell("An event asks for it to be turned all the same, and so mended.");
  const executions = await credential.executions();
  await rotations.requestCredential({ secret: ORDERS_SECRET, heal: true, requestedBy: "the story" });
  const healed = await credential.lastAfter(executions);
  story.check("the rotation that mends it", "SUCCEEDED: ROTATED", `${healed.status}: ${healed.outcome}`);
  const { user } = await credential.saidBy("web", "CONNECTED");
  story.check("the user of web then", "the other one", user === before.user ? before.user : "the other one");
}
