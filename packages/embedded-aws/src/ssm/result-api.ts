import { refuseOthers } from "../http/members.ts";
import { AwsError, type Service } from "../http/service.ts";
import { pageToken, readPage } from "../page.ts";
import type { Parts } from "../parts.ts";
import type { Command, CommandInvocation, CommandStore } from "./command-store.ts";
import { readDocument } from "./document.ts";
import type { DocumentStore } from "./document-store.ts";
import { pluginOutput, STDERR_LIMIT, STDOUT_LIMIT } from "./output.ts";
import { coarse, isError, isOpen } from "./status.ts";

interface ListInput {
  CommandId?: string;
  InstanceId?: string;
  Details?: boolean;
  Filters?: { key?: string; value?: string }[];
  MaxResults?: number;
  NextToken?: string;
}

const PAGE = 50;

/** The operations that say what became of commands. */
export function resultOperations(
  commands: CommandStore,
  documents: DocumentStore,
  parts: Parts,
): Service["operations"] {
  const pluginName = ({ documentName, documentVersion }: Command): string =>
    readDocument(documents.known(documentName, String(documentVersion)).content).step;

  const read = (input: ListInput, what: "commands" | "invocations") => {
    const filter = {
      ...(input.CommandId !== undefined && { commandId: input.CommandId }),
      ...(input.InstanceId !== undefined && { instanceId: input.InstanceId }),
      ...invokedAfter(input.Filters),
    };
    const listing = `${what} ${JSON.stringify(filter)}`;
    const refusal = new AwsError("InvalidNextToken", "The specified token isn't valid.");
    const next = readPage(input.NextToken, listing, refusal);
    const page = { size: input.MaxResults ?? PAGE, ...(next !== undefined && { next }) };
    return { filter, page, tokenOf: (next?: string) => (next === undefined ? undefined : pageToken(listing, next)) };
  };

  /** What has just ended is still in progress for those who ask, where reading lags. */
  const seen = (invocation: CommandInvocation): CommandInvocation => {
    const lag = parts.faults?.lagMs("commands") ?? 0;
    if (invocation.ended === null || parts.clock.now() - invocation.ended >= lag) return invocation;
    return { ...invocation, status: "InProgress", responseCode: -1, ended: null, stdout: "", stderr: "" };
  };

  return {
    ListCommands(input: ListInput) {
      refuseOthers(input, ["CommandId", "InstanceId", "MaxResults", "NextToken"], parts.log);
      const { filter, page, tokenOf } = read(input, "commands");
      const { items, next } = commands.list(filter, page);
      const Commands = items.map((command) => describedCommand(command, commands.invocations(command.id)));
      return { Commands, NextToken: tokenOf(next) };
    },

    ListCommandInvocations(input: ListInput) {
      refuseOthers(input, ["CommandId", "InstanceId", "Details", "Filters", "MaxResults", "NextToken"], parts.log);
      const { filter, page, tokenOf } = read(input, "invocations");
      const { items, next } = commands.listInvocations(filter, page);
      const CommandInvocations = items.map(seen).flatMap((invocation) => {
        const command = commands.find(invocation.commandId);
        if (command === undefined) return [];
        const plugins = input.Details === true ? [describedPlugin(invocation, pluginName(command))] : [];
        return { ...describedInvocation(command, invocation), CommandPlugins: plugins };
      });
      return { CommandInvocations, NextToken: tokenOf(next) };
    },

    GetCommandInvocation(input: { CommandId?: string; InstanceId?: string; PluginName?: string }) {
      refuseOthers(input, ["CommandId", "InstanceId", "PluginName"], parts.log);
      const { CommandId = "", InstanceId = "" } = input;
      const command = commands.find(CommandId);
      const found = commands.invocation(CommandId, InstanceId);
      const invocation = found && seen(found);
      if (command === undefined || invocation === undefined) {
        throw new AwsError("InvocationDoesNotExist", `There is no command ${CommandId} on ${InstanceId}.`);
      }
      const PluginName = pluginName(command);
      if (input.PluginName !== undefined && input.PluginName !== PluginName) {
        throw new AwsError("InvalidPluginName", `The command has no plugin ${input.PluginName}.`);
      }
      const { started, ended } = invocation;
      return {
        CommandId,
        InstanceId,
        Comment: command.comment,
        DocumentName: command.documentName,
        DocumentVersion: String(command.documentVersion),
        PluginName,
        ResponseCode: invocation.responseCode,
        ExecutionStartDateTime: started === null ? "" : new Date(started).toISOString(),
        ExecutionElapsedTime: started === null || ended === null ? "" : `PT${(ended - started) / 1000}S`,
        ExecutionEndDateTime: started === null || ended === null ? "" : new Date(ended).toISOString(),
        ...statusMembers(invocation),
        StandardOutputContent: invocation.stdout.slice(0, STDOUT_LIMIT),
        StandardOutputUrl: "",
        StandardErrorContent: invocation.stderr.slice(0, STDERR_LIMIT),
        StandardErrorUrl: "",
      };
    },
  };
}

/** The only filter that is known. */
function invokedAfter(filters: ListInput["Filters"] = []): { after?: number } {
  const [filter, ...more] = filters;
  if (filter === undefined) return {};
  const after = Date.parse(filter.value ?? "");
  if (more.length > 0 || filter.key !== "InvokedAfter" || Number.isNaN(after)) {
    throw new AwsError("InvalidFilterKey", "The embedded AWS knows one filter, InvokedAfter with a moment.");
  }
  return { after };
}

/** A command as the API shows it. */
export function describedCommand(command: Command, invocations: CommandInvocation[]): object {
  const count = (holds: (invocation: CommandInvocation) => boolean) => invocations.filter(holds).length;
  return {
    CommandId: command.id,
    DocumentName: command.documentName,
    DocumentVersion: String(command.documentVersion),
    Comment: command.comment,
    ExpiresAfter: new Date(command.expires),
    Parameters: {},
    InstanceIds: command.targets === undefined ? command.instanceIds : [],
    Targets: command.targets ?? [],
    RequestedDateTime: new Date(command.requested),
    ...statusMembers(command),
    MaxConcurrency: command.maxConcurrency,
    MaxErrors: command.maxErrors,
    TargetCount: invocations.length,
    CompletedCount: count(({ status }) => !isOpen(status)),
    ErrorCount: count(({ status }) => isError(status)),
    DeliveryTimedOutCount: count(({ status }) => status === "DeliveryTimedOut"),
    TimeoutSeconds: command.timeoutSeconds,
  };
}

function describedInvocation(command: Command, invocation: CommandInvocation): object {
  return {
    CommandId: command.id,
    InstanceId: invocation.instanceId,
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: String(command.documentVersion),
    RequestedDateTime: new Date(command.requested),
    ...statusMembers(invocation),
  };
}

function describedPlugin(invocation: CommandInvocation, name: string): object {
  const { started, ended, responseCode, stdout, stderr } = invocation;
  return {
    Name: name,
    ...statusMembers(invocation),
    ResponseCode: responseCode,
    ...(started !== null && { ResponseStartDateTime: new Date(started) }),
    ...(ended !== null && { ResponseFinishDateTime: new Date(ended) }),
    Output: pluginOutput(stdout, stderr),
  };
}

function statusMembers({ status }: Pick<Command | CommandInvocation, "status">): object {
  return { Status: coarse(status), StatusDetails: status };
}
