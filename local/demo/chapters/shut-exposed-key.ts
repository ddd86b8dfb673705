import { randomUUID } from "node:crypto";
import { drawDeployersKey } from "../../exposed/deployer.ts";
import { keyExposed } from "../../exposed/health-event.ts";
import { DEPLOYER } from "../../exposed/settings.ts";
import { type Answer, DONE, Thief } from "../../exposed/thief.ts";
import { EXPOSED_KEY } from "../rotations.ts";
import type { Story } from "../story.ts";
import { until } from "../until.ts";

/** What the thief does, as the mail must say it. */
const DEEDS = [
  ...["sts:GetCallerIdentity", "sts:GetSessionToken", "ec2:DescribeInstances"],
  ...["iam:CreateUser", "iam:AttachUserPolicy"],
];

/** A thief uses a user's access key; AWS Health says that it is exposed, and it is shut, with the session that he has drawn. */
export async function shutExposedKey(story: Story): Promise<void> {
  const { account, fleet, rotations, signal } = story;
  const key = await drawDeployersKey(account);
  story.tell(`Somebody finds a key of the IAM user ${DEPLOYER} in public, ${key.accessKeyId}, and uses it.`);
  const thief = new Thief(account, key, story.note);
  try {
    await thief.drawSession();
    await thief.lookAround();
    await thief.stay();
    story.tell("AWS Health says that the key is exposed. The event comes twice, as events may.");
    const raisedAt = Date.now();
    const event = keyExposed(key.accessKeyId, { at: new Date(raisedAt), communicationId: randomUUID() });
    await Promise.all([account.raise(event), account.raise(event)]);
    const refusal = (ask: () => Promise<Answer>, whose: string) => {
      const refused = async () => {
        const answer = await ask();
        return answer !== DONE && answer;
      };
      return until(refused, `${whose} to be refused`, signal);
    };
    const ofKey = await refusal(() => thief.tryKey(), "the thief's key");
    story.note(`THIEF   is refused ${((Date.now() - raisedAt) / 1000).toFixed(1)} s after AWS has said so: ${ofKey}.`);
    story.check("the thief's next call with an exposed key", "InvalidClientTokenId", ofKey);
    const ofSession = await refusal(() => thief.trySession(), "the thief's session");
    story.check("a call with the session that he had drawn", "UnauthorizedOperation", ofSession);
  } finally {
    thief.close();
  }

  const subject = `Keyturn: AccessKeyExposed on ${key.accessKeyId} (${DEPLOYER})`;
  await story.checkMail("mails about an exposed key", subject);
  const { text = "" } = (await account.mails()).find((mail) => mail.subject === subject) ?? {};
  const left = DEEDS.filter((deed) => !text.includes(deed));
  story.check("calls of the thief that the mail leaves out", "none", left.join(", ") || "none");
  const executions = await rotations.list(EXPOSED_KEY);
  story.check("executions for an event that came twice", "1", `${executions.length}`);
  const { status, outcome } = await rotations.ended(executions[0]?.executionArn ?? "");
  story.check("how it ended", "SUCCEEDED: SHUT", `${status}: ${outcome}`);
  story.check("audit lines about the key", "deactivated", (await fleet.actsOn(key.accessKeyId)).join(", "));
}
