import { refuseOthers } from "../events/members.ts";
import { AwsError, type Service } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { ACCOUNT } from "../place.ts";
import { readDocument } from "./document.ts";
import type { DocumentStore, DocumentVersion } from "./document-store.ts";

/** The operations on documents. */
export function documentOperations(documents: DocumentStore, parts: Parts): Service["operations"] {
  return {
    CreateDocument(input: { Name?: string; Content?: string; DocumentType?: string; DocumentFormat?: string }) {
      refuseOthers(input, ["Name", "Content", "DocumentType", "DocumentFormat", "Tags"], parts.log);
      const { Name = "", Content = "", DocumentType = "Command", DocumentFormat = "JSON" } = input;
      if (!/^[a-zA-Z0-9_\-.]{3,128}$/.test(Name) || /^(?:aws|amazon|amzn)/i.test(Name)) {
        throw new AwsError("ValidationException", "Parameter Name is not valid.");
      }
      if (DocumentType !== "Command" || DocumentFormat !== "JSON") {
        throw new AwsError("ValidationException", "The embedded AWS knows only Command documents in JSON.");
      }
      readDocument(Content);
      return parts.store.transaction(() => {
        if (documents.latest(Name) !== undefined) {
          throw new AwsError("DocumentAlreadyExists", `Document with same name ${Name} already exists`);
        }
        return { DocumentDescription: description(documents.add(Name, Content)) };
      });
    },

    DescribeDocument(input: { Name?: string; DocumentVersion?: string }) {
      refuseOthers(input, ["Name", "DocumentVersion"], parts.log);
      return { Document: description(documents.known(input.Name ?? "", input.DocumentVersion)) };
    },
  };
}

function description({ name, version, content, created, hash }: DocumentVersion): object {
  const { description, parameters } = readDocument(content);
  return {
    Name: name,
    Owner: ACCOUNT,
    CreatedDate: new Date(created),
    Status: "Active",
    DocumentVersion: String(version),
    LatestVersion: String(version),
    DefaultVersion: String(version),
    ...(description !== undefined && { Description: description }),
    Parameters: Object.entries(parameters).map(([Name, { type, description: Description, default: DefaultValue }]) => ({
      Name,
      Type: type,
      Description,
      DefaultValue,
    })),
    PlatformTypes: ["Linux", "MacOS"],
    DocumentType: "Command",
    DocumentFormat: "JSON",
    SchemaVersion: "2.2",
    Hash: hash,
    HashType: "Sha256",
  };
}
