import { CREDENTIAL_NETWORK, openingIdOf } from "../credential-network.ts";
import type { Account, Stack } from "../deploy/account.ts";
import { type Kept, keptOf, mappingOf } from "../deploy/kept.ts";
import { type Names, namesFor } from "../deploy/names.ts";
import { placeOf } from "../deploy/place.ts";
import { answersTo, type Question, Refused, reasonOf, refusalOf } from "../deploy/report.ts";
import type { RunCdk } from "../deploy/run-cdk.ts";
import type { GivenSettings } from "../settings.ts";
import { type PlannedStack, stacksFor } from "../stacks.ts";
import type { Holders, Host, Made } from "./holders.ts";
import { aboutPeople } from "./people.ts";

/** What a removal has to do with. */
export interface Removal {
  settings: Pick<GivenSettings, "stackName" | "exposedKeys">;
  account: Account;
  holders: Holders;
  /** The same account in another Region, and who holds what there. */
  accountIn: (region: string) => Account;
  holdersIn: (region: string) => Holders;
  runCdk: RunCdk;
  /** Tells the user something, in lines. */
  say: (text: string) => void;
}

/** The argument that leaves hosts behind which only lose their control plane. */
const LEAVE = "--leave-instances";

/** A stack of the settings as it is there. */
interface Found extends Pick<PlannedStack, "id" | "parts"> {
  region: string;
  holders: Holders;
  names: Names;
  made: readonly Made[];
  isThere: boolean;
}

/**
 * Asks AWS who still holds what the stacks have made, says what will stay, and removes them then.
 *
 * @param args go on to `cdk destroy`, but for `--leave-instances`
 * @returns the exit code
 * @throws Refused with all that speaks against it
 */
export async function destroy(args: readonly string[], removal: Removal): Promise<number> {
  const { settings, account, runCdk, say } = removal;
  const place = await placeOf(account);
  const planned = stacksFor(settings, place.region);
  const found = await Promise.all(planned.map((one) => find(one, place.region, removal)));
  const there = found.filter(({ isThere }) => isThere);
  if (there.length === 0) {
    const regions = found.map(({ region }) => region).join(" and in ");
    throw new Refused(
      `There is no stack ${settings.stackName} in ${regions} of account ${place.account}: nothing to remove. Is it ` +
        "another account or Region?",
    );
  }
  const mayLeave = args.includes(LEAVE);
  const { complaints, notes } = await answersTo(there.flatMap((one) => questionsAbout(one, mayLeave)));
  for (const one of notes) say(`NOTE: ${one}`);
  if (complaints.length > 0) throw new Refused(refusalOf("Nothing was removed.", complaints));

  for (const { id, region, made, names, parts } of there) {
    if (planned.length > 1) say(`${id} in ${region}:`);
    say(whatStays(made, keptOf(names, parts)));
  }
  const ids = planned.length > 1 ? there.map(({ id }) => id) : [];
  return runCdk(["destroy", ...ids, ...args.filter((arg) => arg !== LEAVE)]);
}

async function find(planned: PlannedStack, here: string, removal: Removal): Promise<Found> {
  const { settings, account, accountIn, holders, holdersIn } = removal;
  const { id, parts, region = here } = planned;
  const there = region === here ? { account, holders } : { account: accountIn(region), holders: holdersIn(region) };
  const stack = await ownStack(settings.stackName, there.account);
  const made = await madeBy(settings.stackName, there.holders);
  if (!parts.includes("fleet") && idsOf(made, "AWS::EC2::LaunchTemplate").length > 0) {
    throw new Refused(
      `The stack ${settings.stackName} in ${region} has a fleet: nothing was removed. To remove it, or the one in another ` +
        'Region alone, say so first in cdk.json under "exposedKeys": "deploy": "off",',
    );
  }
  // One whose creation was taken back has nothing, and is there.
  const isThere = made.length > 0 || stack !== undefined;
  return { id, parts, region, holders: there.holders, names: namesFor(settings, region), made, isThere };
}

function questionsAbout({ parts, region, names, made, holders }: Found, mayLeave: boolean): Question[] {
  return [
    ...(parts.includes("fleet") ? [aboutHosts(made, { mayLeave, region, tag: names.tag }, holders)] : []),
    ...aboutGroup(made, holders),
    ...aboutRole(made, names, holders),
    ...aboutPeople(made, holders),
    ...aboutBus(made, region, holders),
  ];
}

/**
 * The stack, if AWS says that it is there. Where AWS does not say, cdk asks whether to go on.
 *
 * @throws Refused when it is somebody else's
 */
async function ownStack(stackName: string, account: Account): Promise<Stack | undefined> {
  const stack = await account.stack(stackName).catch((error: unknown) => void reasonOf(error));
  if (!stack?.isForeign) return stack ?? undefined;
  throw new Refused(`The stack ${stackName} is none of Keyturn's: nothing was removed. Correct stackName in cdk.json.`);
}

/** @throws Refused when AWS does not say: without it nobody knows who holds what */
async function madeBy(stackName: string, holders: Holders): Promise<Made[]> {
  try {
    return await holders.resources(stackName);
  } catch (error) {
    throw new Refused(`AWS did not say what the stack ${stackName} has made: ${reasonOf(error)}`);
  }
}

function idsOf(made: readonly Made[], type: string): string[] {
  return made.filter((one) => one.type === type).map(({ id }) => id);
}

function aboutHosts(
  made: readonly Made[],
  { mayLeave, region, tag }: { mayLeave: boolean; region: string; tag: Names["tag"] },
  holders: Holders,
): Question {
  return {
    whether: "whether instances of the fleet still run, without which nothing is removed",
    isNeeded: true,
    async ask() {
      const [inGroup, under, tagged] = await Promise.all([
        Promise.all(idsOf(made, "AWS::EC2::SecurityGroup").map(holders.hostsInGroup)),
        Promise.all(idsOf(made, "AWS::IAM::InstanceProfile").map(holders.hostsUnder)),
        holders.hostsTagged(tag),
      ]);
      const holding = unique([...inGroup.flat(), ...under.flat()]);
      const others = unique(tagged).filter((one) => !holding.some((host) => host.ec2InstanceId === one.ec2InstanceId));
      return {
        complaints: [
          ...(holding.length > 0
            ? [
                "Instances hold the stack's security group or run under its role, so that it cannot be removed while they are " +
                  `there: ${listed(holding)}. Terminate them, wait until they have ended, and try again:\n` +
                  terminate(holding, region),
              ]
            : []),
          ...(others.length > 0 && !mayLeave
            ? [
                `Instances with the tag ${tag.key}=${tag.value} would lose their control plane, so that their ` +
                  `keys are never turned again: ${listed(others)}. Terminate them:\n${terminate(others, region)}\nor leave them ` +
                  `behind so: npm run destroy -- ${LEAVE}`,
              ]
            : []),
        ],
      };
    },
  };
}

function unique(hosts: readonly Host[]): Host[] {
  return [...new Map(hosts.map((host) => [host.ec2InstanceId, host])).values()];
}

function listed(hosts: readonly Host[]): string {
  return hosts
    .map(({ ec2InstanceId, startedBy }) => (startedBy ? `${ec2InstanceId} (of ${startedBy})` : ec2InstanceId))
    .join(", ");
}

function terminate(hosts: readonly Host[], region: string): string {
  const ids = hosts.map(({ ec2InstanceId }) => ec2InstanceId).join(" ");
  const groups = [...new Set(hosts.flatMap(({ startedBy }) => startedBy ?? []))];
  const first =
    groups.length > 0 ? `  (before, set the size of ${groups.join(", ")} to 0: Auto Scaling would start others)\n` : "";
  return `${first}  aws ec2 terminate-instances --region ${region} --instance-ids ${ids}`;
}

function aboutGroup(made: readonly Made[], holders: Holders): Question[] {
  const own = made.filter(({ type }) => type === "AWS::EC2::SecurityGroup");
  return own.map(({ logicalId, id: group }) => ({
    whether: `whether something else holds the security group ${group}`,
    async ask() {
      // Those of functions and of an endpoint go with these.
      const isForInstances = !logicalId.startsWith(CREDENTIAL_NETWORK);
      const [interfaces, naming] = await Promise.all([
        isForInstances ? holders.interfacesInGroup(group) : [],
        holders.groupsNaming(group),
      ]);
      const groups = naming.filter((one) => !own.some(({ id }) => id === one) && !isOpenedBy(made, one));
      return {
        complaints: [
          ...(interfaces.length > 0
            ? [
                `Network interfaces hold the stack's security group ${group}: ${interfaces.join(", ")}. Delete them, or give ` +
                  "them another group.",
              ]
            : []),
          ...(groups.length > 0
            ? [
                `Rules of other security groups name the stack's ${group}: ${groups.join(", ")}. Take those rules out of them.`,
              ]
            : []),
        ],
      };
    },
  }));
}

/** Whether the stack has put a rule of its own into a security group that is somebody else's: a database's. */
function isOpenedBy(made: readonly Made[], group: string): boolean {
  const opening = openingIdOf(group);
  return made.some(({ type, logicalId }) => type === "AWS::EC2::SecurityGroupIngress" && logicalId.includes(opening));
}

function aboutRole(made: readonly Made[], { fleetRole }: Names, holders: Holders): Question[] {
  if (!idsOf(made, "AWS::IAM::Role").includes(fleetRole)) return [];
  const own = [...idsOf(made, "AWS::IAM::ManagedPolicy"), ...idsOf(made, "AWS::IAM::Policy")];
  return [
    {
      whether: `whether the role ${fleetRole} has policies that the stack has not made`,
      async ask() {
        const foreign = (await holders.policiesOf(fleetRole)).filter((policy) => !own.includes(policy));
        const complaint =
          `The role ${fleetRole} has policies that the stack has not made, so that CloudFormation cannot delete it: ` +
          `${foreign.join(", ")}. Detach those with an ARN from it, and delete the others.`;
        return { complaints: foreign.length > 0 ? [complaint] : [] };
      },
    },
  ];
}

/** People have events sent on by rules of their own (docs/events.md), and EventBridge deletes no bus that has rules. */
function aboutBus(made: readonly Made[], region: string, holders: Holders): Question[] {
  // CloudFormation knows a rule by its name, with that of its bus before it, or by its ARN.
  const own = idsOf(made, "AWS::Events::Rule").map((id) => id.split(/[|/]/).at(-1));
  return idsOf(made, "AWS::Events::EventBus").map((bus) => ({
    whether: `whether the event bus ${bus} has rules that the stack has not made`,
    async ask() {
      const foreign = (await holders.rulesOn(bus)).filter((rule) => !own.includes(rule));
      const complaint =
        `The event bus ${bus} has rules that the stack has not made, so that it cannot be deleted: ${foreign.join(", ")}. Remove ` +
        "the stacks that made them, or each rule with its targets:\n" +
        `  aws events list-targets-by-rule --region ${region} --event-bus-name ${bus} --rule RULE   # names the targets' IDs\n` +
        `  aws events remove-targets --region ${region} --event-bus-name ${bus} --rule RULE --ids ID\n` +
        `  aws events delete-rule --region ${region} --event-bus-name ${bus} --name RULE`;
      return { complaints: foreign.length > 0 ? [complaint] : [] };
    },
  }));
}

/** What is left when the stack is gone, and what it takes to deploy over it one day. */
function whatStays(made: readonly Made[], kept: readonly Kept[]): string {
  const staying = kept.flatMap((one) => {
    const found = made.find(({ logicalId }) => logicalId === one.logicalId);
    return found === undefined ? [] : [[one, found.id] as const];
  });
  const secrets = idsOf(made, "AWS::SecretsManager::Secret").map((arn) => `  the secret ${arn}`);
  if (staying.length === 0 && secrets.length === 0) return "Nothing of it stays.";
  const lines = staying.map(([{ identifier, name }, id]) =>
    identifier === "KeyId" ? `  the key ${id} (${name})` : `  ${id}`,
  );
  return [
    "These stay, since nobody could make them again, and cost a little:",
    ...secrets,
    ...lines,
    "docs/deploying.md, Removing it, says how to be rid of them. To deploy over them one day, keep this as kept.json:",
    mappingOf(staying),
  ].join("\n");
}
