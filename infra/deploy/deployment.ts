import { answerKey, FIRST_KEY, SETTLED_KEY } from "../context-keys.ts";
import type { GivenSettings } from "../settings.ts";
import { storeOf } from "../time-series.ts";
import type { Account } from "./account.ts";
import { complaintsAboutPlan, isFirst, questionsBefore } from "./checks.ts";
import type { ContextFile } from "./context-file.ts";
import { namesFor } from "./names.ts";
import { placeOf } from "./place.ts";
import type { Plan } from "./plan.ts";
import { answersTo, Refused, reasonOf, refusalOf } from "./report.ts";
import type { RunCdk } from "./run-cdk.ts";
import { settleStore } from "./store.ts";

/** What a deployment has to do with. */
export interface Deployment {
  settings: GivenSettings;
  account: Account;
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

/**
 * Asks AWS first, and deploys then: a stack that is not there yet twice, since what is to last is protected only when all of it
 * was made.
 *
 * @param args go on to `cdk deploy`
 * @returns the exit code
 * @throws Refused with all that speaks against it
 */
export async function deploy(args: readonly string[], deployment: Deployment): Promise<number> {
  const { settings: given, account, context, runCdk, say } = deployment;
  demandNoContextOfOurs(args);
  const place = await placeOf(account);
  const { stack, note } = await stackOf(given.stackName, account);
  const key = answerKey(place);
  const store = await settleStore(given, { place, stack, answer: storeOf(context.read(key)) }, account);
  const plan: Plan = { settings: store.settings, names: namesFor(given, place.region), place, stack };
  const answers = await answersTo(questionsBefore(plan, account));

  for (const one of [...note, ...store.notes, ...answers.notes]) say(`NOTE: ${one}`);
  const complaints = [...complaintsAboutPlan(plan), ...store.complaints, ...answers.complaints];
  if (complaints.length > 0) {
    throw new Refused(refusalOf("Nothing was deployed.", complaints));
  }
  if (store.found !== undefined) {
    context.write(key, store.found);
    say(
      `Samples go to ${store.found} in ${place.region} of account ${place.account}: AWS was asked, and its answer is in ` +
        "cdk.context.json. Put that file under version control, so that everybody deploys the same.",
    );
  }
  const settledAs = given.timeSeries === "auto" ? ["-c", `${SETTLED_KEY}=${store.settings.timeSeries}`] : [];
  const cdkArgs = [...settledAs, ...args];
  if (!isFirst(stack)) return runCdk(["deploy", ...cdkArgs]);

  say("The stack is made in two steps: first without protection, so that it can be taken back if something fails.");
  const code = await runCdk(["deploy", ...FIRST, ...cdkArgs]);
  // Where cdk was told only to prepare it, there is nothing yet to protect.
  const made = (await stackOf(given.stackName, account)).stack;
  if (code !== 0 && !isFirst(made)) say(AGAIN);
  if (code !== 0 || made === undefined) return code;
  say("It is there. Now what is to last is protected.");
  const second = await runCdk(["deploy", ...cdkArgs]);
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
