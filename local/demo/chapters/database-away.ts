import { ORDERS_SECRET } from "../../orders/orders.ts";
import type { SharedCredential } from "../shared-credential.ts";
import type { Story } from "../story.ts";

/** The database is away when a rotation is due, and comes back. */
export async function databaseAway(story: Story, credential: SharedCredential): Promise<void> {
  const { rotations } = story;
  const before = await credential.current();
  story.tell(
    "The database is stopped; a rotation is asked for, and the watch looks twice: what is over by then is told to nobody.",
  );
  await credential.stopDatabase();
  const version = await credential.rotate();
  await rotations.look();
  await rotations.look();
  for (const name of ["web", "pool"] as const) await credential.saidBy(name, "DISCONNECTED");
  await story.checkMail("mails about a database that is away", `Keyturn: AuthorityUnreachable on ${ORDERS_SECRET}`);
  story.check("the version in force meanwhile", before.versionId, (await credential.current()).versionId);

  story.tell("The database is back. The rotation goes on by itself.");
  await credential.startDatabase();
  const { status, outcome } = await credential.ended(version);
  story.check("that very rotation in the end", "SUCCEEDED: ROTATED", `${status}: ${outcome}`);
  for (const name of ["web", "pool"] as const) await credential.saidBy(name, "CONNECTED");
  credential.visitors.stop();
}
