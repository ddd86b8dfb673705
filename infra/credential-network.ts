import { Fn, Stack } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";
import { namesIn } from "./in-stack.ts";
import { isDatabase, isToken } from "./settings/credentials.ts";
import type { Settings } from "./settings.ts";

/** Under this name it is in the stack, and what is in it has names that begin so. */
export const CREDENTIAL_NETWORK = "CredentialNetwork";

const HTTPS = 443;

/** A database's security group, and the port that it listens on. */
type Opening = { group: string; port: number };

/** Where functions run that talk to databases and issuers, and the ways from there: to these, and to AWS. */
export class CredentialNetwork extends Construct {
  readonly subnetIds: string[];
  /** The functions' security group. */
  readonly securityGroupId: string;
  /** By which URL Secrets Manager is reached from there; undefined for its usual one. */
  readonly secretsUrl: string | undefined;

  constructor(scope: Construct, id: string, { credentials, credentialNetwork }: Settings) {
    super(scope, id);
    const { vpcId, subnets, waysOut, routeTables } = credentialNetwork;
    const { title } = namesIn(this);
    const openings = openingsOf(credentials);
    const group = new ec2.CfnSecurityGroup(this, "Functions", {
      groupDescription: `${title}: functions that turn database credentials`,
      vpcId,
      securityGroupEgress: [
        // By address: DynamoDB behind a gateway endpoint has many, and its list of them has another ID in each Region.
        { ...tcp(HTTPS), cidrIp: "0.0.0.0/0", description: "To AWS" },
        // Issuers have names alone, whose addresses are theirs to change.
        ...otherPortsOf(credentials).map((port) => ({
          ...tcp(port),
          cidrIp: "0.0.0.0/0",
          description: "To issuers",
        })),
        ...openings.map(({ group, port }) => ({
          ...tcp(port),
          destinationSecurityGroupId: group,
          description: "To the database",
        })),
      ],
    });
    this.subnetIds = subnets;
    this.securityGroupId = group.attrGroupId;
    for (const { group: into, port } of openings) {
      new ec2.CfnSecurityGroupIngress(this, `${openingIdOf(into)}${port}`, {
        groupId: into,
        ...tcp(port),
        sourceSecurityGroupId: this.securityGroupId,
        description: `${title}: turns database credentials`,
      });
    }
    if (waysOut !== "endpoints") return;
    this.secretsUrl = this.makeSecretsEndpoint(vpcId);
    if (routeTables === "there") return;
    new ec2.CfnVPCEndpoint(this, "DynamoDb", {
      vpcId,
      serviceName: this.serviceName("dynamodb"),
      vpcEndpointType: "Gateway",
      routeTableIds: routeTables,
    });
  }

  /**
   * An endpoint under a name of its own: *private DNS* would have everybody in the VPC go through it, whom its security group
   * does not let in, and is refused where there is such an endpoint already.
   */
  private makeSecretsEndpoint(vpcId: string): string {
    const group = new ec2.CfnSecurityGroup(this, "Endpoint", {
      groupDescription: `${namesIn(this).title}: the endpoint by which functions reach Secrets Manager`,
      vpcId,
      securityGroupIngress: [
        { ...tcp(HTTPS), sourceSecurityGroupId: this.securityGroupId, description: "From functions" },
      ],
    });
    const endpoint = new ec2.CfnVPCEndpoint(this, "SecretsManager", {
      vpcId,
      serviceName: this.serviceName("secretsmanager"),
      vpcEndpointType: "Interface",
      privateDnsEnabled: false,
      subnetIds: this.subnetIds,
      securityGroupIds: [group.attrGroupId],
    });
    // The first of its names is that of all its subnets, after the ID of the zone that it stands in.
    return `https://${Fn.select(1, Fn.split(":", Fn.select(0, endpoint.attrDnsEntries)))}`;
  }

  private serviceName(service: string): string {
    return `com.amazonaws.${Stack.of(this).region}.${service}`;
  }
}

/** Whether functions run in a VPC: issuers are reached from anywhere, unless somebody has them reached from one. */
export function needsNetwork({ credentials, credentialNetwork }: Pick<Settings, "credentials" | "credentialNetwork">) {
  return credentials.length > 0 && credentialNetwork.vpcId !== "none";
}

/** What is in the logical ID of a rule that opens a database's security group: `Intosg0123…On`. */
export function openingIdOf(group: string): string {
  return `Into${group.replace("-", "")}On`;
}

function tcp(port: number) {
  return { ipProtocol: "tcp", fromPort: port, toPort: port };
}

/** Each once: several credentials may be of one database. */
function openingsOf(credentials: Settings["credentials"]): Opening[] {
  const all = new Map(
    credentials
      .filter(isDatabase)
      .map(({ securityGroup: group, port }) => [`${group}:${port}`, { group, port }] as const),
  );
  return [...all.values()];
}

/** The ports at which issuers and what their tokens open are reached, but for the usual one. */
function otherPortsOf(credentials: Settings["credentials"]): number[] {
  const ports = credentials.filter(isToken).flatMap(({ tokenUrl, revocationUrl, probeUrl }) =>
    [tokenUrl, probeUrl, ...(revocationUrl === "none" ? [] : [revocationUrl])].flatMap((url) => {
      const { port } = new URL(url);
      return port === "" ? [] : [Number(port)];
    }),
  );
  return [...new Set(ports)];
}
