import { setTimeout as pause } from "node:timers/promises";
import { ORDERS_SECRET } from "../../orders/orders.ts";
import { LOOKS_EVERY_SECONDS } from "../settings.ts";
import type { SharedCredential } from "../shared-credential.ts";
import type { Story } from "../story.ts";
import { until } from "../until.ts";

/** After that long a look is another one, and not the same that is tried again. */
const NEXT_LOOK_MS = 600 * LOOKS_EVERY_SECONDS;
const SUBJECT = `Keyturn: AuthorityUnreachable on ${ORDERS_SECRET}`;

/** The database is away when a rotation is due, and comes back. */
export async function databaseAway(story: Story, credential: SharedCredential): Promise<void> {
  const { account, rotations, signal } = story;
  const before = await credential.current();
  story.tell(
    "The database is stopped; a rotation is asked for. What only one look of the watch has met is told to nobody.",
  );
  await credential.stopDatabase();
  const version = await credential.rotate();
  const isTold = async () => {
    await rotations.look();
    if ((await account.mails()).some(({ subject }) => subject === SUBJECT)) return true;
    await pause(NEXT_LOOK_MS, undefined, { signal });
    return false;
  };
  await until(isTold, `the mail "${SUBJECT}"`, signal);
  await story.checkMail("mails about a database that is away", SUBJECT);
  for (const name of ["web", "pool"] as const) await credential.saidBy(name, "DISCONNECTED");
  story.check("the version in force meanwhile", before.versionId, (await credential.current()).versionId);

  story.tell("The database is back. The rotation goes on by itself.");
  await credential.startDatabase();
  const { status, outcome } = await credential.ended(version);
  story.check("that very rotation in the end", "SUCCEEDED: ROTATED", `${status}: ${outcome}`);
  for (const name of ["web", "pool"] as const) await credential.saidBy(name, "CONNECTED");
  credential.visitors.stop();
}
