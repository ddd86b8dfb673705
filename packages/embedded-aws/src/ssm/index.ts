import type { InstanceShell } from "../ec2/shell.ts";
import type { Service } from "../http/service.ts";
import type { EventSink, Parts } from "../parts.ts";
import { AgentRights } from "./agent-rights.ts";
import { commandOperations, toSend } from "./command-api.ts";
import { CommandStore } from "./command-store.ts";
import { readDocument } from "./document.ts";
import { DocumentStore } from "./document-store.ts";
import { fleetOperations, type ListedInstance } from "./fleet-api.ts";
import { resultOperations } from "./result-api.ts";
import { CommandRunner } from "./runner.ts";

export interface SsmNeighbours {
  shell: InstanceShell;
  events: EventSink;
  /** All instances; none where this is left out. */
  list?: () => readonly ListedInstance[];
  /** The tags of an instance; it has none where this is left out. */
  tagsOf?: (ec2InstanceId: string) => Readonly<Record<string, string>>;
  /** Whether the SSM agent on an instance may do something; everything where this is left out. */
  mayDo?: (ec2InstanceId: string, action: string) => boolean;
}

/** What an instance's agent does with a command's script, done by somebody else. */
export type CommandTaker = (run: Parameters<InstanceShell["runScript"]>[1]) => ReturnType<InstanceShell["runScript"]>;

/** Systems Manager: command documents and Run Command. */
export class SystemsManager {
  readonly service: Service;
  readonly #parts: Parts;
  readonly #documents: DocumentStore;
  readonly #commands: CommandStore;
  readonly #runner: CommandRunner;
  readonly #takers = new Map<string, CommandTaker>();

  constructor(
    parts: Parts,
    { list = () => [], tagsOf = () => ({}), mayDo = () => true, ...neighbours }: SsmNeighbours,
  ) {
    this.#parts = parts;
    this.#documents = new DocumentStore(parts);
    this.#commands = new CommandStore(parts);
    const stores = { documents: this.#documents, commands: this.#commands };
    const agents = new AgentRights(mayDo);
    const real = neighbours.shell;
    const shell: InstanceShell = {
      state: (id) => real.state(id),
      runScript: (id, run) => this.#takers.get(id)?.(run) ?? real.runScript(id, run),
    };
    this.#runner = new CommandRunner(parts, { ...stores, ...neighbours, shell, agents });
    const fleet = { shell, agents, ids: () => list().map(({ id }) => id), tagsOf };
    const begin = (commandId: string) => void parts.clock.after(0, () => this.#runner.advance(commandId));
    this.service = {
      signingName: "ssm",
      protocol: { kind: "json", version: "1.1" },
      operations: {
        ...commandOperations(parts, { ...stores, fleet, begin }),
        ...resultOperations(this.#commands, this.#documents, parts),
        ...fleetOperations(parts, this.#documents, { agents, list }),
      },
      needs: (operation, input) => (operation === "SendCommand" ? toSend(input, fleet) : undefined),
    };
  }

  /** Goes on with the commands that a former process left; what was in progress is delivered again. */
  start(): void {
    for (const id of this.#commands.open()) this.#runner.advance(id);
  }

  /**
   * Puts a document (JSON text) there as a deployment does: anew, or as a new version where it differs.
   *
   * @throws AwsError InvalidDocumentContent, InvalidDocumentSchemaVersion
   */
  deployDocument(name: string, content: string): void {
    readDocument(content);
    this.#parts.store.transaction(() => {
      if (this.#documents.latest(name)?.content !== content) this.#documents.add(name, content);
    });
  }

  /**
   * Has somebody else take the commands of an instance in the place of its SSM agent, as whoever holds the instance's
   * credentials can.
   *
   * @param taker undefined gives them back to the instance
   */
  takeCommands(ec2InstanceId: string, taker: CommandTaker | undefined): void {
    if (taker === undefined) this.#takers.delete(ec2InstanceId);
    else this.#takers.set(ec2InstanceId, taker);
  }

  close(): void {
    this.#runner.close();
  }
}
