import type { InstanceShell } from "../ec2/shell.ts";
import { refuseOthers } from "../http/members.ts";
import { AwsError, type Question, type Service } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { ACCOUNT, arnOf } from "../place.ts";
import { uuid } from "../uuid.ts";
import type { AgentRights } from "./agent-rights.ts";
import type { Command, CommandStore, Target } from "./command-store.ts";
import { readDocument } from "./document.ts";
import type { DocumentStore } from "./document-store.ts";
import { describedCommand } from "./result-api.ts";

interface SendCommandInput {
  InstanceIds?: string[];
  Targets?: Target[];
  DocumentName?: string;
  DocumentVersion?: string;
  TimeoutSeconds?: number;
  Comment?: string;
  Parameters?: Record<string, string[]>;
  MaxConcurrency?: string;
  MaxErrors?: string;
}

const MEMBERS = [
  ...["InstanceIds", "Targets", "DocumentName", "DocumentVersion", "TimeoutSeconds", "Comment", "Parameters"],
  ...["MaxConcurrency", "MaxErrors"],
];
const MOST_INSTANCES = 50;
const MOST_TARGETS = 5;

/** The instances that a command may be sent to, and what is known of them. */
export interface Fleet {
  shell: InstanceShell;
  agents: AgentRights;
  /** All that there are. */
  ids: () => readonly string[];
  tagsOf: (ec2InstanceId: string) => Readonly<Record<string, string>>;
}

/** The operation that sends commands. */
export function commandOperations(
  parts: Parts,
  neighbours: {
    documents: DocumentStore;
    commands: CommandStore;
    fleet: Fleet;
    begin: (commandId: string) => void;
  },
): Service["operations"] {
  const { documents, commands, fleet, begin } = neighbours;
  return {
    SendCommand(input: SendCommandInput) {
      refuseOthers(input, MEMBERS, parts.log);
      checkForm(input);
      const { InstanceIds = [], Targets = [], DocumentName = "", TimeoutSeconds = 3600, Comment = "" } = input;
      const version = documents.known(DocumentName, input.DocumentVersion);
      const { timeoutMs } = readDocument(version.content);
      const [parameter] = Object.keys(input.Parameters ?? {});
      if (parameter !== undefined) {
        throw new AwsError("InvalidParameters", `The document has no parameter ${parameter}.`);
      }
      checkInstances(InstanceIds, fleet);
      const isChosen = Targets.length > 0;
      const now = parts.clock.now();
      const command: Command = {
        id: uuid(parts.random),
        documentName: DocumentName,
        documentVersion: version.version,
        comment: Comment,
        instanceIds: isChosen ? chosen(Targets, fleet) : InstanceIds,
        ...(isChosen && { targets: Targets }),
        timeoutSeconds: TimeoutSeconds,
        maxConcurrency: input.MaxConcurrency ?? "50",
        maxErrors: input.MaxErrors ?? "0",
        requested: now,
        expires: now + TimeoutSeconds * 1000 + timeoutMs,
        status: "Pending",
      };
      parts.store.transaction(() => commands.add(command));
      begin(command.id);
      // Whom targets choose, AWS finds out only after it has answered.
      return { Command: describedCommand(command, isChosen ? [] : commands.invocations(command.id)) };
    },
  };
}

function checkForm({
  InstanceIds = [],
  Targets = [],
  TimeoutSeconds,
  Comment = "",
  MaxConcurrency,
  MaxErrors,
}: SendCommandInput): void {
  if (Targets.length > MOST_TARGETS) {
    throw invalid("targets", `Member must have length less than or equal to ${MOST_TARGETS}`);
  }
  const other = Targets.find(({ Key = "" }) => Key !== "InstanceIds" && !Key.startsWith("tag:"));
  if (other !== undefined) throw new AwsError("InvalidTarget", `The embedded AWS knows no target ${other.Key}.`);
  if (InstanceIds.length > 0 && Targets.length > 0) {
    throw invalid("targets", "Either instance IDs or targets can be given, not both");
  }
  if ((InstanceIds.length < 1 && Targets.length < 1) || InstanceIds.length > MOST_INSTANCES) {
    throw invalid("instanceIds", `Member must have length from 1 to ${MOST_INSTANCES}`);
  }
  if (Comment.length > 100) throw invalid("comment", "Member must have length less than or equal to 100");
  if (TimeoutSeconds !== undefined && !(TimeoutSeconds >= 30 && TimeoutSeconds <= 2_592_000)) {
    throw invalid("timeoutSeconds", "Member must have value from 30 to 2592000");
  }
  if (MaxConcurrency !== undefined && !/^(?:[1-9]\d*|[1-9]\d?%|100%)$/.test(MaxConcurrency)) {
    throw invalid("maxConcurrency", "Member must be a number or a percentage");
  }
  if (MaxErrors !== undefined && !/^(?:[1-9]\d*|0|[1-9]\d?%|0%|100%)$/.test(MaxErrors)) {
    throw invalid("maxErrors", "Member must be a number or a percentage");
  }
}

/** What somebody needs to send a command: its document, and each instance, which may be known by its tags. */
export function toSend(
  { DocumentName = "", InstanceIds = [], Targets = [] }: SendCommandInput,
  fleet: Fleet,
): Question[] {
  const action = "ssm:SendCommand";
  const ids = Targets.length > 0 ? chosen(Targets, fleet) : InstanceIds;
  const instances = ids.map((id) => {
    const tags = Object.entries(fleet.tagsOf(id)).map(([key, value]) => [`ssm:resourceTag/${key}`, value]);
    return { action, resource: arnOf("ec2", `instance/${id}`), context: Object.fromEntries(tags) };
  });
  return [{ action, resource: arnOf("ssm", `document/${DocumentName}`) }, ...instances];
}

/** The instances that run, are managed, and are what all targets say. */
function chosen(targets: Target[], { shell, agents, ids, tagsOf }: Fleet): string[] {
  const fits = (id: string, { Key = "", Values = [] }: Target) => {
    const value = Key === "InstanceIds" ? id : tagsOf(id)[Key.slice("tag:".length)];
    return value !== undefined && Values.includes(value);
  };
  return ids().filter(
    (id) => targets.every((target) => fits(id, target)) && shell.state(id) === "running" && agents.isManaged(id),
  );
}

function checkInstances(ids: string[], { shell, agents }: Fleet): void {
  if (new Set(ids).size < ids.length) throw new AwsError("DuplicateInstanceId", "An instance ID is there twice.");
  const absent = ids.filter((id) => shell.state(id) !== "running" || !agents.isManaged(id));
  if (absent.length === 0) return;
  const message = `Instances [[${absent.join(", ")}]] not in a valid state for account ${ACCOUNT}`;
  throw new AwsError("InvalidInstanceId", message);
}

function invalid(member: string, constraint: string): AwsError {
  const message = `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`;
  return new AwsError("ValidationException", message);
}
