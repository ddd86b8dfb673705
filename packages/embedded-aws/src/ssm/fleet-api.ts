import { z } from "zod";
import type { InstanceState } from "../ec2/shell.ts";
import { readInput } from "../http/input.ts";
import type { Service } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { ACCOUNT } from "../place.ts";
import type { AgentRights } from "./agent-rights.ts";
import type { DocumentStore } from "./document-store.ts";

/** What Systems Manager shows of an instance. */
export interface ListedInstance {
  id: string;
  ip: string;
  state: InstanceState;
}

const DESCRIBE = z.strictObject({
  Filters: z.tuple([z.strictObject({ Key: z.literal("InstanceIds"), Values: z.array(z.string()).min(1) })]).optional(),
});
const LIST = z.strictObject({
  Filters: z.tuple([z.strictObject({ Key: z.literal("Owner"), Values: z.tuple([z.literal("Self")]) })]).optional(),
});

/** The operations that say what there is: instances that report themselves, and documents. All come at once. */
export function fleetOperations(
  { clock }: Parts,
  documents: DocumentStore,
  { agents, list }: { agents: AgentRights; list: () => readonly ListedInstance[] },
): Service["operations"] {
  return {
    DescribeInstanceInformation(input: unknown) {
      const ids = readInput(DESCRIBE, input).Filters?.[0].Values;
      // One that is off has reported itself before, and counts as lost meanwhile.
      const managed = list().filter(
        ({ id, state }) => ["running", "stopping", "stopped"].includes(state) && agents.isManaged(id),
      );
      const InstanceInformationList = managed
        .filter(({ id }) => ids?.includes(id) ?? true)
        .map(({ id, ip, state }) => ({
          InstanceId: id,
          PingStatus: state === "running" ? "Online" : "ConnectionLost",
          ...(state === "running" && { LastPingDateTime: new Date(clock.now()) }),
          PlatformType: "Linux",
          ResourceType: "EC2Instance",
          IPAddress: ip,
        }));
      return { InstanceInformationList };
    },

    ListDocuments(input: unknown) {
      readInput(LIST, input);
      const DocumentIdentifiers = documents.all().map(({ name, version, created }) => ({
        Name: name,
        CreatedDate: new Date(created),
        Owner: ACCOUNT,
        PlatformTypes: ["Linux"],
        DocumentVersion: String(version),
        DocumentType: "Command",
        SchemaVersion: "2.2",
        DocumentFormat: "JSON",
      }));
      return { DocumentIdentifiers };
    },
  };
}
