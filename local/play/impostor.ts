import { refused } from "../../operator/exits.ts";
import { askToUpdate } from "../posing.ts";
import { type Desk, type Play, peopleAreTold, SLACK_MS } from "./desk.ts";
import { event } from "./expectation.ts";

/** How registrations of what is not one's own are refused. */
const NOT_OWNER = "NOT_OWNER";

/** An instance asks to change the record of another. */
export const impostor: Play = {
  name: "impostor",
  title: "Send an impostor",
  does: "Another instance asks to change this one's record, signed as what it is.",
  isOnInstance: true,
  cannot(_, all) {
    const live = all.filter(({ status }) => status === "ACTIVE");
    return live.length > 1
      ? undefined
      : "It takes two instances that run, and here is one: npm start -- --agents 2 has another.";
  },
  async prepare(desk, victim) {
    const other = await choose(desk, victim.id);
    const ipBefore = victim.ip;
    return {
      expectations: [
        {
          says: `${other.id} poses as ${victim.id}, and is refused`,
          withinMs: SLACK_MS,
          metBy: event("Registration Refused", { id: victim.id, ec2InstanceId: other.ec2InstanceId }, ({ reason }) => ({
            said: `Refused: ${reason}.`,
          })),
        },
        ...(await peopleAreTold(desk, {
          ...{ subject: other.ec2InstanceId, cause: NOT_OWNER },
          says: `People are told of the impostor, ${other.ec2InstanceId}`,
          withinMs: 2 * SLACK_MS,
        })),
        {
          says: "The record is as it was; what people were told stands for a day, as nobody sees whether he is gone",
          follows: true,
          withinMs: SLACK_MS,
          async look() {
            const now = (await desk.instances()).find(({ id }) => id === victim.id);
            return now?.ip === ipBefore ? { said: `Its address is ${ipBefore} still.` } : undefined;
          },
        },
      ],
      async act() {
        const { endpoint, region } = desk.aws;
        const credentials = desk.aws.credentialsOf(other.ec2InstanceId);
        await askToUpdate({ endpoint, region, credentials }, other.ec2InstanceId, victim.id);
      },
    };
  },
};

/** Another one that runs; of them one of whom nobody was told yet, so that a mail comes. */
async function choose(desk: Desk, victim: string) {
  const others = (await desk.instances()).filter(({ id, status }) => id !== victim && status === "ACTIVE");
  for (const one of others.slice(0, 20)) {
    if ((await desk.findings.find({ subject: one.ec2InstanceId, cause: NOT_OWNER })) === undefined) return one;
  }
  const [first] = others;
  if (first === undefined) throw refused("There is no other instance that runs: nobody can pose as this one.");
  return first;
}
