import type { KeyFile } from "../../agent/state/key-file.ts";
import type { Keys, RaisedEvent, ReadMail } from "./messages.ts";

/**
 * The place where the story happens: an AWS account, real or embedded, with Keyturn deployed. Here stands only what the
 * story cannot do through AWS's own APIs. AWS clients find the endpoint in the environment, as on AWS.
 */
export interface DemoAccount {
  /** Where AWS is. */
  endpoint: string;
  region: string;
  /** Those of whoever operates the fleet. */
  credentials: Keys;
  /** The role's credentials as the metadata service gives them to an instance. */
  credentialsOf(ec2InstanceId: string): Promise<Keys>;
  /** The mails that people got, in the order in which they came. */
  mails(): Promise<ReadMail[]>;
  /** Something befalls the account of which AWS tells by an event. */
  raise(event: RaisedEvent): Promise<void>;
  /** The details of the events of a kind that a bus took, in the order in which they came. */
  eventsOf(detailType: string): Record<string, unknown>[];
  /** What somebody reads who has the instance's disk. */
  readKeyFile(ec2InstanceId: string): Promise<KeyFile>;
  /** What somebody writes who has the instance's disk. */
  writeKeyFile(ec2InstanceId: string, file: KeyFile): Promise<void>;
}
