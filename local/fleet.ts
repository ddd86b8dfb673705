import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SFNClient } from "@aws-sdk/client-sfn";
import { ACCOUNT, type AwsOptions, type EmbeddedAws, PARTITION, startAws } from "embedded-aws";
import { bundleAgent } from "../agent/bundle.ts";
import { TURN_DOCUMENT } from "../agent/ssm-document.ts";
import { dynamoRegistry } from "../functions/clients/registry.dynamodb.ts";
import { functionNameOf } from "../functions/steps.ts";
import { busPolicy } from "../infra/rights/policies.ts";
import { stepsThatMay } from "../infra/rights/steps.ts";
import { INSTANCE_TAG, NAMES } from "../infra/wiring.ts";
import { arnAt } from "../protocol/index.ts";
import { agentProgram } from "./agent-program.ts";
import { clientsFor, deployData, environmentOf, type LocalSettings } from "./deploy-data.ts";
import { deployFlows, deployFunctions, deployRules, type ModuleOf } from "./deploy-flows.ts";
import { applicationsOn, bundleExample } from "./orders/applications.ts";
import { deployOrders, type Orders } from "./orders/start-orders.ts";
import { FLEET_ROLE, roleArn, rolesHere } from "./roles.ts";
import { bundleTokenExample, shopApplicationOn } from "./shop/application.ts";
import { deployShop, type Shop } from "./shop/start-shop.ts";

export interface FleetOptions extends Omit<AwsOptions, "instanceRole" | "instanceTags" | "applications"> {
  settings: LocalSettings;
  /** The database that applications on the instances share a credential of; without it none run there. */
  orders?: Orders;
  /** The issuer that an application on an instance has a token of; without it none runs there. */
  shop?: Shop;
  /** How often the schedule looks for instances that are due, in seconds. */
  scheduleSeconds: number;
  /** Where the functions' modules lie; their sources where it is left out. */
  moduleOf?: ModuleOf;
  /** By how many milliseconds an instance's clock is ahead, for tests. */
  clockMs?: (ec2InstanceId: string) => number;
}

/** Stands for everybody who is in the account. */
const ACCOUNT_ROOT = arnAt({ partition: PARTITION, account: ACCOUNT }, "iam", "root");

/** Who gets the mail here: it arrives in the inbox of the embedded AWS and nowhere else. */
const ON_CALL = "on-call@keyturn.example";

/** Starts the embedded AWS with Keyturn deployed on it; what a former process left goes on. */
export async function startFleet(options: FleetOptions): Promise<EmbeddedAws> {
  const { folder, orders, shop } = options;
  const credentials = [orders, shop].flatMap((one) => one?.settings ?? []);
  const settings = credentials.length === 0 ? options.settings : { ...options.settings, credentials };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const bundle = join(folder, "keyturn-agent.mjs");
  // Bundling is another process's work; nothing but the agents waits for it.
  const example = join(folder, "example.mjs");
  const tokenExample = join(folder, "example-token.mjs");
  const bundled = Promise.all([
    bundleAgent(bundle),
    orders && bundleExample(example),
    shop && bundleTokenExample(tokenExample),
  ]);
  bundled.catch(() => undefined); // Whatever it is, it is thrown where it is waited for.
  const aws: EmbeddedAws = await startAws({
    ...options,
    applications: (endpoint, place) => [
      ...(orders
        ? applicationsOn(place, living(aws), { bundle: example, endpoint, ports: orders.ports, settings })
        : []),
      ...(shop ? shopApplicationOn(place, living(aws), { bundle: tokenExample, endpoint, shop, settings }) : []),
    ],
    // Another than this version's, for tests.
    agent: options.agent ?? ((endpoint) => agentProgram(bundle, endpoint, settings, options.clockMs)),
    instanceRole: FLEET_ROLE,
    instanceTags: { [INSTANCE_TAG.key]: INSTANCE_TAG.value },
  });
  try {
    await deploy(aws, { ...options, settings });
    if (orders !== undefined) await deployOrders(orders, aws);
    if (shop !== undefined) await deployShop(shop, aws);
    await noteStarts(aws);
    await bundled;
  } catch (error) {
    await aws.close();
    throw error;
  }
  aws.resume();
  return aws;
}

function living({ instances }: EmbeddedAws): string[] {
  return instances.list().flatMap(({ id, state }) => (state === "terminated" ? [] : [id]));
}

/**
 * The hosts that run were off for as long as no process was there, of which EC2 tells nobody: they are waited for as if they
 * had been stopped, and nobody is told that they were silent.
 */
async function noteStarts({ endpoint, region, credentials, instances }: EmbeddedAws): Promise<void> {
  const { dynamodb } = clientsFor({ endpoint, region, credentials });
  const registry = dynamoRegistry(dynamodb, NAMES.instanceTable);
  for (const { id: ec2InstanceId } of instances.list().filter(({ state }) => state === "running")) {
    for (const { id } of await registry.findByEc2Instance(ec2InstanceId)) {
      if (await registry.stop(id, { ec2InstanceId })) await registry.start(id, { ec2InstanceId, at: Date.now() });
    }
  }
}

/** Deploys Keyturn on an embedded AWS, or deploys it anew there with other settings, while everything goes on. */
export async function deploy(
  aws: EmbeddedAws,
  { settings, scheduleSeconds, moduleOf }: Pick<FleetOptions, "settings" | "scheduleSeconds" | "moduleOf">,
): Promise<void> {
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  const clients = clientsFor(config);
  const arns = await deployData(clients, settings);
  for (const role of rolesHere(arns)) aws.roles.put(role);
  const senders = stepsThatMay("events:PutEvents").map((step) => roleArn(functionNameOf(step)));
  aws.events.putPolicy(NAMES.eventBus, busPolicy(ACCOUNT_ROOT, senders, arns));
  deployFunctions(aws.functions, environmentOf(arns, settings), moduleOf);
  await deployFlows(new SFNClient(config), settings);
  await deployRules(new EventBridgeClient(config), { fleet: scheduleSeconds, watch: settings.watchSeconds.looks });
  aws.commands.deployDocument(NAMES.pushDocument, JSON.stringify(TURN_DOCUMENT));
  aws.topics.subscribeConfirmed(arns.alertTopic, ON_CALL);
}
