import { STACK_DESCRIPTION, STACK_DESCRIPTION_WITHOUT_FLEET } from "../../functions/shared/names.ts";
import { counted } from "../output/count.ts";
import { span } from "../output/time.ts";
import { attention, type Found, listed, liveOf, ok, type Patient, type Question } from "./check.ts";
import { quotasTooSmall, SHIPPED_AT_ONCE } from "./contract.ts";
import type { Stack } from "./deployment.ts";

/** What there is on an AWS account only. */
export const OF_ACCOUNT: readonly Question[] = [
  { name: "stack", needs: ["account"], ask: askStack },
  { name: "template", needs: ["account", "fleet"], ask: askTemplate },
  { name: "quotas", needs: ["account", "fleet"], ask: askQuotas },
  { name: "alarms", needs: ["account"], ask: askAlarms },
];

/** Of a stack whose description is not known it is taken that it has a fleet, as most have. */
export function isWithoutFleet(stack: Stack | undefined): boolean {
  return stack?.description === STACK_DESCRIPTION_WITHOUT_FLEET;
}

async function askStack({ deployment, place: { stack: name } }: Patient): Promise<Found> {
  const stack = await deployment.stack();
  if (stack === undefined) {
    return attention(
      `CloudFormation has no stack ${name} here, though its tables are there`,
      "It was removed, or is in another account: npm run deploy makes it anew over what stayed.",
    );
  }
  const { status, description } = stack;
  if (![STACK_DESCRIPTION, STACK_DESCRIPTION_WITHOUT_FLEET, ""].includes(description)) {
    return attention(`the stack ${name} is somebody else's: "${description}"`, "Look at --stack and --profile.");
  }
  const says = `${name} is ${status}`;
  if (/_IN_PROGRESS$/.test(status)) return ok(`${says}: a deployment is under way`);
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return ok(says);
  return attention(
    /ROLLBACK_COMPLETE$/.test(status) ? `${says}: the last deployment failed and was taken back` : says,
    `What failed: aws cloudformation describe-stack-events --stack-name ${name} --query "StackEvents[?contains(ResourceStatus,'FAILED')].[LogicalResourceId,ResourceStatusReason]"`,
    "Then npm run deploy.",
  );
}

async function askTemplate({ deployment, place: { names } }: Patient): Promise<Found> {
  const template = await deployment.template();
  const name = names.launchTemplate;
  if (template === undefined) return attention(`there is no launch template ${name}`, "Deploy again: npm run deploy");
  const { defaultVersion, latestVersion } = template;
  if (defaultVersion === latestVersion) return ok(`${name}: its newest version, ${latestVersion}, is the default`);
  return attention(
    `${name}: who names no version launches ${defaultVersion}, and the newest is ${latestVersion}`,
    "Launch with $Latest, or make the newest the default, which no deployment does:",
    `aws ec2 modify-launch-template --launch-template-name ${name} --default-version ${latestVersion}`,
  );
}

async function askQuotas({ deployment, instances, caller }: Patient): Promise<Found> {
  const [executions, nodes] = await Promise.all([deployment.concurrentExecutions(), deployment.managedNodes()]);
  const fleet = { instances: liveOf(await instances()).length, atOnce: SHIPPED_AT_ONCE };
  const small = quotasTooSmall(fleet, caller, { executions, nodes });
  if (small.length === 0) {
    const lambda =
      executions === undefined ? "Lambda's is not known" : `Lambda runs ${executions.value} functions at once`;
    const ssm = nodes === undefined ? "SSM's is not known" : `SSM manages ${nodes.value} hosts`;
    return ok(`${lambda}, ${ssm}: enough for ${counted(fleet.instances, "instance")}`);
  }
  const said = small.map(({ of, there, needed }) =>
    of === "lambda"
      ? `Lambda runs ${there} functions at once, and ${counted(fleet.instances, "instance")} may need ${needed} with the maxConcurrency as shipped`
      : `SSM manages ${there} hosts, and there are ${needed}`,
  );
  return attention(said.join("; "), ...small.flatMap(({ commands }) => commands));
}

async function askAlarms({ deployment, place: { prefix }, now }: Patient): Promise<Found> {
  const alarms = await deployment.alarms();
  if (alarms.length === 0) {
    return attention("CloudWatch has no alarm of this deployment", "Deploy again: npm run deploy");
  }
  const sounding = alarms.filter(({ state }) => state === "ALARM");
  if (sounding.length === 0) return ok(`none of ${alarms.length} sounds`);
  const sections = sounding.map(({ name }) => name.slice(prefix.length + 1));
  return attention(
    listed(sounding.map(({ name, since }) => `${name} sounds since ${span(now - since)}`)),
    `docs/runbook.md, ${sections.length === 1 ? "section" : "sections"} ${sections.join(", ")}`,
  );
}
