import type { SharedCredential } from "../shared-credential.ts";
import type { Story } from "../story.ts";

/** A credential that two applications share is turned: for the first time when its rotation is switched on, then on demand. */
export async function turnCredential(story: Story, credential: SharedCredential): Promise<void> {
  story.tell(
    "Two applications share a database's login, the secret orders/db: web connects for each request, pool keeps sessions. " +
      "The password was drawn, and the database did not know it. With its schedule it was turned for the first time, at once.",
  );
  const first = await credential.ended();
  story.check("first rotation of the shared credential", "SUCCEEDED: ROTATED", `${first.status}: ${first.outcome}`);
  story.check("its schedule, in days", "30", `${await credential.everyDays()}`);
  for (const name of ["web", "pool"] as const) await credential.saidBy(name, "CONNECTED");
  credential.visitors.start();

  story.tell(
    "It is turned on demand, as `aws secretsmanager rotate-secret` does, with a visitor a second at each application.",
  );
  const before = await credential.current();
  const version = await credential.rotate();
  await credential.promoted(version);
  story.check("the former login, as soon as there is a new one", "accepted", await credential.answerTo(before));
  const { status, outcome } = await credential.ended(version);
  const after = await credential.current();
  story.check("rotation on demand", "SUCCEEDED: ROTATED", `${status}: ${outcome}`);
  story.check(
    "the user of the new version",
    "the other one",
    after.user === before.user ? before.user : "the other one",
  );
  story.check("the new login", "accepted", await credential.answerTo(after));
  story.check("the former login, once all have moved", "refused", await credential.answerTo(before));
  story.check("connections of the applications that were refused", "0", `${credential.visitors.counts.refused}`);
}
