import { AwsError, type Operation } from "../../http/service.ts";
import { pageToken, readPage } from "../../page.ts";
import type { Parts } from "../../parts.ts";
import { machineArn } from "../../place.ts";
import type { MachinesStore, VersionRecord } from "../machines-store.ts";
import { invalidToken, machineDoesNotExist, validation } from "../refusals.ts";
import { optionalText, pageSize, requireArn, requireText, seconds } from "./check.ts";

type Input = Record<string, unknown>;

const ALIAS_NAME = /^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]{1,80}$/;

/** The operations on versions and aliases of state machines. */
export function versionOperations(parts: Parts, machines: MachinesStore): Record<string, Operation> {
  const find = (value: unknown) => {
    const arn = requireArn(value, "stateMachineArn", ["stateMachine"]);
    const machine = machines.find(arn);
    if (machine === undefined) throw machineDoesNotExist(arn);
    return machine;
  };

  return {
    PublishStateMachineVersion(input: Input) {
      const machine = find(input.stateMachineArn);
      const { revisionId = machine.revisionId } = input;
      if (revisionId !== machine.revisionId) {
        const failed = `Failed to publish the State Machine version for revision ${revisionId}.`;
        const message = `${failed} The current State Machine revision is ${machine.revisionId}.`;
        throw new AwsError("ConflictException", message);
      }
      const [newest] = machines.versions(machine.arn, Number.MAX_SAFE_INTEGER, 1);
      if (newest?.machine.revisionId === revisionId) return published(newest);
      const number = (newest?.number ?? 0) + 1;
      const description = describedAs(input.description) ?? "";
      const version = { arn: `${machine.arn}:${number}`, number, description, created: parts.clock.now(), machine };
      machines.addVersion(version);
      return published(version);
    },

    ListStateMachineVersions(input: Input) {
      const { arn } = find(input.stateMachineArn);
      const limit = pageSize(input.maxResults);
      const before = Number(readPage(input.nextToken, arn, invalidToken()) ?? Number.MAX_SAFE_INTEGER);
      const found = machines.versions(arn, before, limit + 1);
      const page = found.slice(0, limit);
      return {
        stateMachineVersions: page.map(published),
        ...(found.length > limit && { nextToken: pageToken(arn, page.at(-1)?.number ?? 0) }),
      };
    },

    CreateStateMachineAlias(input: Input) {
      const name = requireText(input.name, "name");
      if (!ALIAS_NAME.test(name)) throw validation(`Value '${name}' at 'name' is not the name of an alias`);
      const versionArn = routed(machines, input.routingConfiguration);
      const arn = `${machineArn(versionArn)}:${name}`;
      const description = describedAs(input.description) ?? "";
      const known = machines.alias(arn);
      if (known !== undefined && (known.versionArn !== versionArn || known.description !== description)) {
        const message =
          "Failed to create alias because an alias with the same name and a different routing configuration already exists.";
        throw new AwsError("ConflictException", message);
      }
      const created = known?.created ?? parts.clock.now();
      machines.putAlias({ arn, description, versionArn, created });
      return { stateMachineAliasArn: arn, creationDate: seconds(created) };
    },

    UpdateStateMachineAlias(input: Input) {
      const arn = requireArn(input.stateMachineAliasArn, "stateMachineAliasArn", ["stateMachine"]);
      const { routingConfiguration, description } = input;
      if (routingConfiguration === undefined && description === undefined) {
        throw validation("Either the description, the routing configuration, or both must be specified");
      }
      const known = machines.alias(arn);
      if (known === undefined) throw notFound();
      const versionArn = routingConfiguration === undefined ? known.versionArn : routed(machines, routingConfiguration);
      if (machineArn(versionArn) !== machineArn(arn)) {
        throw validation("An alias can only name versions of its own state machine");
      }
      machines.putAlias({ ...known, versionArn, description: describedAs(description) ?? known.description });
      return { updateDate: seconds(parts.clock.now()) };
    },
  };
}

/** The one version that a routing configuration names. @throws AwsError ValidationException, ResourceNotFound */
function routed(machines: MachinesStore, given: unknown): string {
  if (!Array.isArray(given) || given.length < 1 || given.length > 2) {
    throw validation(
      "Value at 'routingConfiguration' failed to satisfy constraint: Member must have length from 1 to 2",
    );
  }
  const items = given as { stateMachineVersionArn?: unknown; weight?: unknown }[];
  const arns = items.map((item) => requireArn(item.stateMachineVersionArn, "stateMachineVersionArn", ["stateMachine"]));
  if (!arns.every((arn) => /:\d+$/.test(arn) && arn !== machineArn(arn))) {
    const message = `Routing configuration must contain state machine version ARNs. Received: [${arns.join(", ")}]`;
    throw new AwsError("ValidationException", message);
  }
  const weights = items.map(({ weight }) => weight);
  if (weights.reduce((sum: number, weight) => sum + Number(weight), 0) !== 100) {
    const message = `Sum of routing configuration weights must equal 100. Received: [${weights.join(", ")}]`;
    throw new AwsError("ValidationException", message);
  }
  const [arn = ""] = arns;
  if (arns.length > 1) throw validation("The embedded AWS routes an alias to one version only, with the weight 100");
  if (machines.version(arn) === undefined) throw notFound();
  return arn;
}

function published({ arn, created }: VersionRecord) {
  return { stateMachineVersionArn: arn, creationDate: seconds(created) };
}

function notFound(): AwsError {
  return new AwsError("ResourceNotFound", "Request references a resource that does not exist.");
}

function describedAs(value: unknown): string | undefined {
  return optionalText(value, "description", 256);
}
