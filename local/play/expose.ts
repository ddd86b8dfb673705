import { expose as playIt } from "../exposed/play.ts";
import { DEPLOYER } from "../exposed/settings.ts";
import { flowArn } from "../roles.ts";
import { type Play, SLACK_MS } from "./desk.ts";
import { event, executionLink, mailAbout } from "./expectation.ts";

/** When the thief does what, in milliseconds; he is caught sooner than with `npm start -- --expose`. */
const TIMES = { begins: 0, goesOn: 3000, noticed: 1000, tries: 100, patience: 60_000 };
/** What CloudTrail takes, and the second look after it. */
const TRAIL_MS = 15_000;

/** An access key is found in public, and used. */
export const expose: Play = {
  name: "expose",
  title: "Expose an access key",
  does: `A thief finds a new access key of the IAM user ${DEPLOYER} in public and uses it; some seconds later AWS Health says so.`,
  async prepare(desk) {
    const begun = TIMES.goesOn + TIMES.noticed + SLACK_MS;
    const flow = flowArn("exposed-key");
    let refusedAt: number | undefined;
    return {
      expectations: [
        {
          says: "AWS Health says that the key is exposed, and an execution of exposed-key begins",
          withinMs: begun,
          metBy: event(
            "Step Functions Execution Status Change",
            { stateMachineArn: flow, status: "RUNNING" },
            (of) => ({
              links: executionLink(of.executionArn),
            }),
          ),
        },
        {
          says: "The thief is refused: his key, and the session that he has drawn",
          withinMs: begun + SLACK_MS,
          look: async () => (refusedAt === undefined ? undefined : { at: refusedAt }),
        },
        {
          says: "A mail says what he did, and what was done",
          withinMs: begun + TRAIL_MS,
          metBy: mailAbout("AccessKeyExposed"),
        },
        {
          says: "CloudTrail was asked a second time, and the execution is over: the key is shut; what people were told stands for a day",
          withinMs: begun + 2 * TRAIL_MS,
          metBy: event(
            "Step Functions Execution Status Change",
            { stateMachineArn: flow, status: "SUCCEEDED" },
            (of) => ({
              links: executionLink(of.executionArn),
            }),
          ),
        },
      ],
      async act(signal) {
        await playIt(desk.aws, (sentence) => desk.tell(sentence), signal, TIMES);
        refusedAt = desk.now();
      },
    };
  },
};
