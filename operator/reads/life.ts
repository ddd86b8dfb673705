import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { namesIn } from "../../functions/clients/conditions.ts";
import { findingFrom } from "../../functions/clients/findings.dynamodb.ts";
import { CREDENTIAL_ITEM } from "../../functions/credential/record.ts";
import type { Finding } from "../../functions/findings/finding.ts";
import type { Owner } from "../../functions/record/owner.ts";
import type { AuditLine } from "../../protocol/index.ts";
import type { Context } from "../context.ts";
import type { Subject } from "../subject.ts";
import { readLastLines } from "./audit.ts";
import { CREDENTIAL_READ, type Credential, credentialFrom } from "./credentials.ts";
import { wellFormed } from "./finding.ts";
import { type Instance, instanceFrom, PROJECTION } from "./instances.ts";
import { itemsIn } from "./items.ts";

/** All that is known of a subject, as it was read. */
export interface Life {
  /** As people may name it in every other command: an instance's ID, a secret's name, an access key's ID; or a host's. */
  subject: string;
  instance?: Instance;
  /** Other IDs that the instance's host had, or is about to have; known where it was asked for by its host. */
  otherIds: string[];
  credential?: Credential;
  /** The newest, in order; there may be others before them. */
  lines: AuditLine[];
  /** Of the subject and, of an instance, of its host. */
  findings: Finding[];
}

/**
 * Reads all that is known of a subject: four calls for an instance, six by way of its host, three for a credential and two for an
 * access key, whatever there is.
 *
 * @param mostLines how many audit lines at the most, where fewer than a page of 1 MB are wanted
 */
export async function readLife(
  subject: Subject,
  context: Pick<Context, "place" | "out" | "stopped">,
  mostLines?: number,
): Promise<Life> {
  const items = itemsIn(context);
  const sent = { abortSignal: context.stopped };
  const { instanceTable, findingTable } = context.place.names;

  switch (subject.kind) {
    case "instance":
      return ofInstance(subject.id);
    case "host": {
      const ids = await idsOf(subject.ec2InstanceId);
      if (ids.length === 0)
        return { subject: subject.ec2InstanceId, ...NOTHING, findings: await findingsOf(subject.ec2InstanceId) };
      const { holder = ids[0] ?? "" } = ids.length > 1 ? await ownerOf(subject.ec2InstanceId) : {};
      return { ...(await ofInstance(holder, subject.ec2InstanceId)), otherIds: ids.filter((id) => id !== holder) };
    }
    case "secret": {
      const [credential, lines, findings] = await Promise.all([
        get(CREDENTIAL_ITEM + subject.secret, CREDENTIAL_READ),
        readLastLines(context, subject.secret, mostLines),
        findingsOf(subject.secret),
      ]);
      const known = credential && { credential: credentialFrom(credential) };
      return { subject: subject.secret, otherIds: [], ...known, lines, findings };
    }
    case "access-key": {
      const { accessKeyId } = subject;
      const [lines, findings] = await Promise.all([
        readLastLines(context, accessKeyId, mostLines),
        findingsOf(accessKeyId),
      ]);
      return { subject: accessKeyId, otherIds: [], lines, findings };
    }
  }

  /** @param ec2InstanceId of its host, where it is known already */
  async function ofInstance(id: string, ec2InstanceId?: string): Promise<Life> {
    const reading = get(id, PROJECTION.ProjectionExpression).then((item) => item && instanceFrom(item));
    const host = async () => {
      const found = ec2InstanceId ?? (await reading)?.ec2InstanceId;
      // Empty where somebody has taken it out of the record: DynamoDB looks for no such key.
      return found ? findingsOf(found) : [];
    };
    const [instance, lines, own, ofHost] = await Promise.all([
      ...([reading, readLastLines(context, id, mostLines), findingsOf(id), host()] as const),
    ]);
    return { subject: id, ...(instance && { instance }), otherIds: [], lines, findings: [...own, ...ofHost] };
  }

  async function get(id: string, ProjectionExpression: string): Promise<Record<string, unknown> | undefined> {
    const names = { ProjectionExpression, ExpressionAttributeNames: namesIn(ProjectionExpression) };
    const command = new GetCommand({ TableName: instanceTable, Key: { id }, ConsistentRead: true, ...names });
    return (await items.send(command, sent)).Item;
  }

  async function ownerOf(ec2InstanceId: string): Promise<Pick<Owner, "holder">> {
    return (await get(`owner#${ec2InstanceId}`, "#holder")) ?? {};
  }

  /** By an index, so that one of a moment ago may be missing. */
  async function idsOf(ec2InstanceId: string): Promise<string[]> {
    const { Items = [] } = await items.send(
      new QueryCommand({
        ...{ TableName: instanceTable, IndexName: "byEc2Instance", KeyConditionExpression: "ec2InstanceId = :host" },
        ExpressionAttributeValues: { ":host": ec2InstanceId },
      }),
      sent,
    );
    return Items.map(({ id }) => id);
  }

  async function findingsOf(subject: string): Promise<Finding[]> {
    const { Items = [] } = await items.send(
      new QueryCommand({
        ...{ TableName: findingTable, KeyConditionExpression: "subject = :subject", ConsistentRead: true },
        ExpressionAttributeValues: { ":subject": subject },
      }),
      sent,
    );
    return Items.map((item) => wellFormed(findingFrom(item)));
  }
}

const NOTHING = { otherIds: [], lines: [], findings: [] };
