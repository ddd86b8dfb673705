import { CfnDeletionPolicy, Stack, Tags } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as iam from "aws-cdk-lib/aws-iam";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import * as ssm from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";
import { TURN_DOCUMENT } from "../agent/ssm-document.ts";
import { fleetTagOf } from "../functions/shared/names.ts";
import { arnIn, namesIn, placelessArn } from "./in-stack.ts";
import { installCommands } from "./install/script.ts";
import type { Arns } from "./rights/arns.ts";
import { instanceRights } from "./rights/instances.ts";
import { architectureOf } from "./settings/instance-type.ts";
import type { Settings } from "./settings.ts";
import { accountWideNames } from "./wiring.ts";

interface FleetProps {
  settings: Settings;
  registrationUrl: string;
  arns: Arns;
  agentFolder: string;
  role: iam.Role;
}

/** The role that instances run under. EC2 names its sessions after the instance, so nobody else may assume it. */
export function makeFleetRole(scope: Construct): iam.Role {
  return new iam.Role(scope, "FleetRole", {
    roleName: accountWideNames(namesIn(scope), Stack.of(scope).region).fleetRole,
    description: "Keyturn: EC2 instances of the fleet. Only EC2 may assume it.",
    assumedBy: new iam.ServicePrincipal("ec2.amazonaws.com"),
  });
}

/** What instances need: rights, the document that turns their key, the agent, and a template to launch them from. */
export class Instances extends Construct {
  private readonly names = namesIn(this);

  constructor(scope: Construct, id: string, props: FleetProps) {
    super(scope, id);
    const { settings, role } = props;
    const agent = new Asset(this, "Agent", { path: props.agentFolder });
    const rights = new iam.ManagedPolicy(this, "Rights", {
      managedPolicyName: accountWideNames(this.names, Stack.of(this).region).instancePolicy,
      description: "Keyturn: what an instance of the fleet may do. For roles that only EC2 may assume.",
      statements: [
        ...instanceRights(props.arns).map((one) => iam.PolicyStatement.fromJson(one)),
        ...fetchingTheAgent(this, agent, props.arns),
      ],
    });
    rights.attachToRole(role);
    for (const name of Object.keys(settings.existingRoles)) {
      rights.attachToRole(iam.Role.fromRoleName(this, `Role-${name}`, name));
    }

    const install = installCommands(this, settings, {
      agent: { folder: props.agentFolder, url: agent.s3ObjectUrl },
      registrationUrl: props.registrationUrl,
    });
    this.makeDocuments(install);
    this.makeTemplate(settings, role, install);
  }

  private makeDocuments(install: string[]): void {
    new ssm.CfnDocument(this, "TurnDocument", {
      name: this.names.pushDocument,
      documentType: "Command",
      // Replacing it would leave a moment without one, in the middle of pushes.
      updateMethod: "NewVersion",
      content: TURN_DOCUMENT,
    });
    new ssm.CfnDocument(this, "InstallDocument", {
      name: this.names.installDocument,
      documentType: "Command",
      updateMethod: "NewVersion",
      content: {
        schemaVersion: "2.2",
        description: "Keyturn: installs the agent on an Amazon Linux 2023 instance, or brings it up to date.",
        mainSteps: [
          {
            action: "aws:runShellScript",
            name: "install",
            precondition: { StringEquals: ["platformType", "Linux"] },
            // Longer than all that install.sh waits for, so that it says itself what it waited for in vain.
            inputs: { timeoutSeconds: "3600", runCommand: install },
          },
        ],
      },
    });
  }

  private makeTemplate(settings: Settings, role: iam.Role, install: string[]): void {
    // Nobody calls an instance: it asks AWS for what there is to do. CloudFormation names the group: in another VPC it is made
    // anew beside the former, and if that VPC is the same by its ID, the name would be there already.
    const group = new ec2.CfnSecurityGroup(this, "NoInbound", {
      groupDescription: "Keyturn: nothing comes in",
      ...(settings.vpcId !== "default" && { vpcId: settings.vpcId }),
    });
    // Earlier versions of the template name the former group, and whoever is pinned to one goes on launching with it.
    group.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    group.cfnOptions.deletionPolicy = CfnDeletionPolicy.DELETE;
    const userData = ec2.UserData.forLinux();
    userData.addCommands(...install);
    const template = new ec2.LaunchTemplate(this, "LaunchTemplate", {
      launchTemplateName: this.names.launchTemplate,
      versionDescription: "Amazon Linux 2023 with the Keyturn agent",
      machineImage: ec2.MachineImage.resolveSsmParameterAtLaunch(
        `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${architectureOf(settings.instanceType)}`,
      ),
      instanceType: new ec2.InstanceType(settings.instanceType),
      role,
      userData,
      httpTokens: ec2.LaunchTemplateHttpTokens.REQUIRED,
      httpPutResponseHopLimit: 1,
      securityGroup: ec2.SecurityGroup.fromSecurityGroupId(this, "Group", group.attrGroupId, { mutable: false }),
      blockDevices: [
        {
          deviceName: "/dev/xvda",
          volume: ec2.BlockDeviceVolume.ebs(8, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 }),
        },
      ],
    });
    const tag = fleetTagOf(this.names.prefix);
    Tags.of(template).add(tag.key, tag.value);
    Tags.of(template).add("Name", `${this.names.title}-instance`);
  }
}

/**
 * Whichever agent of this deployment's: who launches from an earlier version of the template, such as a group that is pinned to
 * it, fetches the agent that was deployed then.
 *
 * CDK's bucket may be encrypted under a key of the account's own, of which nothing is known here. So the right to decrypt names
 * no key, but what S3 does in the name of these files alone: as encryption context it gives the file's ARN or, where
 * the bucket has a bucket key, the bucket's.
 */
function fetchingTheAgent(scope: Construct, agent: Asset, arns: Arns): iam.PolicyStatement[] {
  const agents = placelessArn(scope, "s3", `${agent.s3BucketName}/${namesIn(scope).filesPrefix}*.zip`);
  return [
    new iam.PolicyStatement({ sid: "FetchAgent", actions: ["s3:GetObject"], resources: [agents] }),
    new iam.PolicyStatement({
      sid: "DecryptAgent",
      actions: ["kms:Decrypt"],
      resources: [arnIn(scope)("kms", "key/*")],
      conditions: {
        StringEquals: { "kms:ViaService": arns.service("s3") },
        StringLike: { "kms:EncryptionContext:aws:s3:arn": [agents, placelessArn(scope, "s3", agent.s3BucketName)] },
      },
    }),
  ];
}
