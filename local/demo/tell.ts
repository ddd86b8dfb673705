import { clone } from "./chapters/clone.ts";
import { conclude } from "./chapters/conclude.ts";
import { consumerBehind } from "./chapters/consumer-behind.ts";
import { databaseAway } from "./chapters/database-away.ts";
import { dieInPush } from "./chapters/die-in-push.ts";
import { forgeTicket } from "./chapters/forge-ticket.ts";
import { impersonate } from "./chapters/impersonate.ts";
import { mendCredential } from "./chapters/mend-credential.ts";
import { register } from "./chapters/register.ts";
import { rekey } from "./chapters/rekey.ts";
import { shutExposedKey } from "./chapters/shut-exposed-key.ts";
import { stopAndStart } from "./chapters/stop-and-start.ts";
import { tamper } from "./chapters/tamper.ts";
import { terminate } from "./chapters/terminate.ts";
import { turnBySchedule } from "./chapters/turn-by-schedule.ts";
import { turnCredential } from "./chapters/turn-credential.ts";
import { turnOnRequest } from "./chapters/turn-on-request.ts";
import { turnToken } from "./chapters/turn-token.ts";
import type { EmbeddedAccount } from "./embedded-account.ts";
import type { SharedCredential } from "./shared-credential.ts";
import type { Story } from "./story.ts";

/** Tells the whole story once. What came out is in the story's checks. */
export async function tellStory(story: Story, account: EmbeddedAccount): Promise<void> {
  const members = await register(story, 5);
  const [first, second, third, fourth, fifth] = members;
  if (!first || !second || !third || !fourth || !fifth) throw new Error("five instances should have registered");
  await turnBySchedule(story, members);
  await turnOnRequest(story, [first, second, third, fourth, fifth]);
  await tamper(story, first);
  await rekey(story, first);
  await impersonate(story, { victim: second, impostor: third });
  await forgeTicket(story, second);
  await clone(story, third);
  if (story.credential !== undefined) await shareCredential(story, story.credential);
  await turnToken(story, story.token);
  await shutExposedKey(story);
  await stopAndStart(story, fourth);
  await terminate(story, fifth);
  await dieInPush(story, account, second);
  await conclude(story, story.credential === undefined ? 5 : 8);
}

/** The part about a credential that two applications share. They run on the first two instances, which run until it is told. */
async function shareCredential(story: Story, credential: SharedCredential): Promise<void> {
  await turnCredential(story, credential);
  await consumerBehind(story, credential);
  await mendCredential(story, credential);
  await databaseAway(story, credential);
}
