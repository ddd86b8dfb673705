import { lacksOf } from "../regions.ts";
import { storesOf } from "../time-series.ts";
import type { Account, Stack } from "./account.ts";
import { questionsAboutCredentials } from "./credential-checks.ts";
import { complaintsAboutKept, keptOf } from "./kept.ts";
import type { Plan } from "./plan.ts";
import { quotasToRaise } from "./quotas.ts";
import type { Question } from "./report.ts";
import { onlyEc2Assumes } from "./trust.ts";

/** In these, CloudFormation has made a stack anew or has yet to, after one whose creation failed. */
const NOT_CREATED = ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"];

/** Whether a deployment makes the stack, and does not change one. */
export function isFirst(stack: Plan["stack"]): boolean {
  return stack === undefined || (stack !== "unknown" && NOT_CREATED.includes(stack.status));
}

/** What is wrong in the settings and the Region, for which AWS need not be asked. */
export function complaintsAboutPlan(plan: Plan): string[] {
  const { settings, place, stack, parts } = plan;
  const alone = parts.includes("fleet") ? [] : complaintsAboutFleet(plan);
  return [
    ...(settings.alertEmails.length === 0
      ? [
          "Nobody would be told when something goes wrong. Put an address into cdk.json:\n" +
            '  "alertEmails": ["you@your-company.com"],',
        ]
      : []),
    ...(parts.includes("fleet") ? lacksOf(place.region, storesOf(settings)) : lacksOf(place.region, [], "alone")),
    ...(stack === undefined || stack === "unknown" ? [] : complaintsAboutStack(settings.stackName, stack)),
    ...alone,
  ];
}

/** That no deployment of exposed keys alone takes a fleet away: one stack of a name is in a Region. */
function complaintsAboutFleet({ settings: { stackName }, place: { region }, stack }: Plan): string[] {
  if (stack === undefined) return [];
  if (stack === "unknown") {
    return [
      `It must be known whether the stack ${stackName} in ${region} has a fleet, which this deployment would take away: get the ` +
        "right to cloudformation:DescribeStacks and GetTemplateSummary.",
    ];
  }
  if (stack.timeSeries === undefined) return [];
  return [
    `The stack ${stackName} in ${region} has a fleet, which this deployment would take away. Exposed keys are shut there beside ` +
      `it: deploy that one (AWS_REGION=${region}) with "deploy": "on" under "exposedKeys" in cdk.json, and fleets in other ` +
      'Regions of the account with "deploy": "off".',
  ];
}

function complaintsAboutStack(name: string, { status, isForeign }: Stack): string[] {
  if (isForeign) {
    return [
      `The stack ${name} is none of Keyturn's, and a deployment would remove all that it has made. Give this one another ` +
        'name in cdk.json: "stackName": "…",',
    ];
  }
  if (status.endsWith("_IN_PROGRESS")) {
    return [`CloudFormation is at work on the stack ${name} (${status}): wait until it is done, and try again.`];
  }
  if (status === "DELETE_FAILED") {
    return [`The stack ${name} was removed by half (${status}): remove it whole by npm run destroy, and deploy then.`];
  }
  return [];
}

/** What AWS is asked before a deployment. */
export function questionsBefore(plan: Plan, account: Account): Question[] {
  const hasFleet = plan.parts.includes("fleet");
  return [
    aboutBootstrap(plan, account),
    ...(hasFleet ? [aboutVpc(plan, account)] : []),
    ...questionsAboutCredentials(plan, account),
    ...aboutExistingRoles(plan, account),
    ...aboutBoundary(plan, account),
    ...(hasFleet ? [aboutQuotas(plan, account)] : []),
    // What a stack has made is in no other one's way.
    ...(plan.stack === undefined || (plan.stack !== "unknown" && plan.stack.status === "ROLLBACK_COMPLETE")
      ? [aboutKept(plan, account), aboutAliases(plan, account), ...(hasFleet ? [aboutFleetRole(plan, account)] : [])]
      : []),
  ];
}

function aboutBootstrap({ settings, place }: Plan, account: Account): Question {
  const qualifier = settings.bootstrapQualifier;
  const target = `aws://${place.account}/${place.region}`;
  const command = `npx cdk bootstrap ${qualifier === "hnb659fds" ? "" : `--qualifier ${qualifier} `}${target}`;
  return {
    whether: "whether CDK's own stack is there",
    ask: async () =>
      (await account.isBootstrapped(qualifier))
        ? {}
        : { complaints: [`CDK's own stack with the qualifier ${qualifier} is not there. Make it once: ${command}`] },
  };
}

function aboutVpc({ settings: { vpcId }, place: { region } }: Plan, account: Account): Question {
  return {
    whether: vpcId === "default" ? "whether there is a default VPC" : `whether there is the VPC ${vpcId}`,
    async ask() {
      if (await account.hasVpc(vpcId)) return {};
      const complaint =
        vpcId === "default"
          ? `There is no default VPC in ${region}. Say in cdk.json in which one instances are to be: "vpcId": "vpc-…",`
          : `There is no VPC ${vpcId} in ${region}: correct vpcId in cdk.json.`;
      return { complaints: [complaint] };
    },
  };
}

function aboutExistingRoles({ settings: { existingRoles } }: Plan, account: Account): Question[] {
  return Object.entries(existingRoles).map(([name, id]) => ({
    whether: `whether the role ${name} of existingRoles is as it must be`,
    async ask() {
      const role = await account.role(name);
      if (role === undefined) return { complaints: [`There is no role ${name}: correct existingRoles in cdk.json.`] };
      const complaints: string[] = [];
      if (role.id !== id) {
        complaints.push(
          `The role ${name} has the unique ID ${role.id}, and existingRoles in cdk.json says ${id}: correct it. A role that ` +
            "was made anew under its name is another one.",
        );
      }
      if (!onlyEc2Assumes(role)) {
        complaints.push(
          `The role ${name} of existingRoles may be assumed by others than EC2, who could then speak for any instance: let its ` +
            "trust policy name ec2.amazonaws.com alone.",
        );
      }
      return { complaints };
    },
  }));
}

function aboutBoundary({ settings: { permissionsBoundary: name } }: Plan, account: Account): Question[] {
  if (name === "") return [];
  return [
    {
      whether: `whether there is the policy ${name} of permissionsBoundary`,
      ask: async () =>
        (await account.hasPolicy(name))
          ? {}
          : { complaints: [`There is no policy ${name} in this account: correct permissionsBoundary in cdk.json.`] },
    },
  ];
}

function aboutQuotas({ settings, place }: Plan, account: Account): Question {
  return {
    whether: `whether the account's quotas are enough for ${settings.fleetSize} instances`,
    async ask() {
      const [executions, nodes] = await Promise.all([account.concurrentExecutions(), account.managedNodes()]);
      return { notes: quotasToRaise(settings, place, { executions, nodes }) };
    },
  };
}

function aboutKept({ id, names, parts }: Plan, account: Account): Question {
  return {
    whether: "whether something of a former deployment is in the way",
    ask: async () => ({ complaints: await complaintsAboutKept(account, keptOf(names, parts), id) }),
  };
}

function aboutAliases({ names, parts, place }: Plan, account: Account): Question {
  return {
    whether: "whether the aliases of the KMS keys are free",
    async ask() {
      const ofFleet = parts.includes("fleet") ? [names.keyMaterialKey, names.nonceKey] : [];
      const taken = await account.aliases([names.tableKey, ...ofFleet]);
      const complaints = [...taken].map(
        ([alias, key]) =>
          `${alias} belongs to the key ${key} already, perhaps since a former deployment. The key stays without it: ` +
          `aws kms delete-alias --region ${place.region} --alias-name ${alias}`,
      );
      return { complaints };
    },
  };
}

function aboutFleetRole({ names }: Plan, account: Account): Question {
  return {
    whether: `whether the name ${names.fleetRole} is free`,
    ask: async () =>
      (await account.role(names.fleetRole)) === undefined
        ? {}
        : {
            complaints: [
              `There is a role ${names.fleetRole} already, and the stack ${names.stack} is not there that would have made ` +
                "it: delete it if nothing needs it, or deploy under another stackName.",
            ],
          },
  };
}
