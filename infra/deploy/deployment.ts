import { answerKey, FIRST_KEY, type Place, SETTLED_KEY } from "../context-keys.ts";
import type { GivenSettings } from "../settings.ts";
import { type PlannedStack, settingsOfParts, stacksFor } from "../stacks.ts";
import { settled, storeOf } from "../time-series.ts";
import type { Account } from "./account.ts";
import { complaintsAboutPlan, isFirst, questionsBefore } from "./checks.ts";
import type { ContextFile } from "./context-file.ts";
import { namesFor } from "./names.ts";
import { placeOf } from "./place.ts";
import type { Plan } from "./plan.ts";
import { answersTo, Refused, type Report, reasonOf, refusalOf } from "./report.ts";
import type { RunCdk } from "./run-cdk.ts";
import { type Settlement, settleStore } from "./store.ts";

/** What a deployment has to do with. */
export interface Deployment {
  settings: GivenSettings;
  account: Account;
  /** The same account in another Region. */
  accountIn: (region: string) => Account;
  context: ContextFile;
  runCdk: RunCdk;
  /** Tells the user something, in lines. */
  say: (text: string) => void;
}

/** With it the stack is made so that CloudFormation can take all of it away again: tables have no deletion protection. */
const FIRST = ["-c", `${FIRST_KEY}=true`];

/** What this command says in the app's context, or cdk.json does, given as an argument: `-c keyturn:first=true`. */
const OUR_CONTEXT = /^(?:--context=|-c=?)?keyturn(?::\w+)?=/;

const AGAIN =
  "What is to last is not protected yet against being deleted. When CloudFormation is done, which may go on by itself, run " +
  "npm run deploy again.";

/** A stack that is to be deployed, and what AWS and the settings say of that. */
interface Prepared extends Report {
  plan: Plan;
  account: Account;
  /** Where its samples go; undefined where there is no fleet. */
  store: Settlement | undefined;
}

/**
 * Asks AWS first, and deploys then: a stack that is not there yet twice, since what is to last is protected only when all of it
 * was made. Where there are two stacks, nothing is deployed while something speaks against one of them.
 *
 * @param args go on to `cdk deploy`
 * @returns the exit code
 * @throws Refused with all that speaks against it
 */
export async function deploy(args: readonly string[], deployment: Deployment): Promise<number> {
  const { settings: given, account, context, say } = deployment;
  demandNoContextOfOurs(args);
  const place = await placeOf(account);
  const planned = stacksFor(given, place.region);
  const prepared = await Promise.all(planned.map((one) => prepare(one, place, deployment)));

  for (const note of new Set(prepared.flatMap(({ notes }) => notes))) say(`NOTE: ${note}`);
  const complaints = [...new Set(prepared.flatMap(({ complaints }) => complaints))];
  if (complaints.length > 0) {
    throw new Refused(refusalOf("Nothing was deployed.", complaints));
  }
  for (const { store } of prepared) {
    if (store?.found === undefined) continue;
    context.write(answerKey(place), store.found);
    say(
      `Samples go to ${store.found} in ${place.region} of account ${place.account}: AWS was asked, and its answer is in ` +
        "cdk.context.json. Put that file under version control, so that everybody deploys the same.",
    );
  }
  if (prepared.length > 1) {
    const which = prepared.map(({ plan: { id, place } }) => `${id} in ${place.region}`);
    say(`There are two stacks: ${which.join(", and ")}, where AWS Health says that an access key is exposed.`);
  }
  const stores = prepared.flatMap(({ store }) => store?.settings.timeSeries ?? []);
  const settledAs = given.timeSeries === "auto" ? stores.flatMap((store) => ["-c", `${SETTLED_KEY}=${store}`]) : [];
  const cdkArgs = [...settledAs, ...args];
  for (const [n, one] of prepared.entries()) {
    const code = await deployOne(one, prepared.length > 1 ? [one.plan.id] : [], cdkArgs, deployment);
    const left = prepared.slice(n + 1).map(({ plan: { id, place } }) => `${id} in ${place.region}`);
    if (code !== 0 && left.length > 0) say(`Not deployed: ${left.join(", ")}.`);
    if (code !== 0) return code;
  }
  return 0;
}

/** Asks everything that has to be known before a stack is deployed. */
async function prepare(planned: PlannedStack, here: Place, deployment: Deployment): Promise<Prepared> {
  const { settings: given, context } = deployment;
  const { id, parts, region = here.region } = planned;
  const account = region === here.region ? deployment.account : deployment.accountIn(region);
  const place = { ...here, region };
  const { stack, note } = await stackOf(given.stackName, account);
  const answer = parts.includes("fleet") ? { answer: storeOf(context.read(answerKey(place))) } : undefined;
  const store = answer && (await settleStore(given, { place, stack, ...answer }, account));
  const settings = store?.settings ?? settled(settingsOfParts(given, parts), undefined);
  const plan: Plan = { id, parts, settings, names: namesFor(given, region), place, stack };
  const answers = await answersTo(questionsBefore(plan, account));
  return {
    plan,
    account,
    store,
    notes: [...note, ...(store?.notes ?? []), ...answers.notes],
    complaints: [...complaintsAboutPlan(plan), ...(store?.complaints ?? []), ...answers.complaints],
  };
}

/** @param name names the stack to cdk where there is another one */
async function deployOne(
  { plan: { settings, stack }, account }: Prepared,
  name: string[],
  cdkArgs: readonly string[],
  { runCdk, say }: Deployment,
): Promise<number> {
  if (!isFirst(stack)) return runCdk(["deploy", ...name, ...cdkArgs]);

  say("The stack is made in two steps: first without protection, so that it can be taken back if something fails.");
  const code = await runCdk(["deploy", ...name, ...FIRST, ...cdkArgs]);
  // Where cdk was told only to prepare it, there is nothing yet to protect.
  const made = (await stackOf(settings.stackName, account)).stack;
  if (code !== 0 && !isFirst(made)) say(AGAIN);
  if (code !== 0 || made === undefined) return code;
  say("It is there. Now what is to last is protected.");
  const second = await runCdk(["deploy", ...name, ...cdkArgs]);
  if (second !== 0) say(AGAIN);
  return second;
}

/** @throws Refused when an argument would take the protection from what lasts, or the samples elsewhere, past all questions */
function demandNoContextOfOurs(args: readonly string[]): void {
  const found = args.find((arg) => OUR_CONTEXT.test(arg));
  if (found === undefined) return;
  throw new Refused(`npm run deploy says ${found} itself where it is right: leave it out. Settings stand in cdk.json.`);
}

/** The stack that runs; when AWS does not say, a note says why. */
async function stackOf(name: string, account: Account): Promise<{ stack: Plan["stack"]; note: string[] }> {
  try {
    return { stack: await account.stack(name), note: [] };
  } catch (error) {
    return { stack: "unknown", note: [`AWS did not say whether the stack ${name} is there: ${reasonOf(error)}`] };
  }
}
