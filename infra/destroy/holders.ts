/** A resource that a stack has made. */
export interface Made {
  logicalId: string;
  /** E.g. `AWS::EC2::SecurityGroup`. */
  type: string;
  /** Its physical ID, as CloudFormation writes it: a name, an ID or an ARN, by its type. */
  id: string;
}

/** A host that has not ended. */
export interface Host {
  ec2InstanceId: string;
  /** The Auto Scaling group that started it, and would start another one. */
  startedBy?: string;
}

/** What is there of a stack, and who holds it. Each throws what AWS answers when it may not be asked, or cannot be. */
export interface Holders {
  /** What the stack of a name has made and still has; nothing when there is no such stack. */
  resources(stackName: string): Promise<Made[]>;

  /** The hosts that have a security group. */
  hostsInGroup(groupId: string): Promise<Host[]>;

  /** The hosts that run under an instance profile, by its name. */
  hostsUnder(profile: string): Promise<Host[]>;

  /** The hosts that have a tag. */
  hostsTagged(tag: { key: string; value: string }): Promise<Host[]>;

  /** The network interfaces that have a security group, and are of no host. */
  interfacesInGroup(groupId: string): Promise<string[]>;

  /** Other security groups with a rule that names this one: their IDs. */
  groupsNaming(groupId: string): Promise<string[]>;

  /** The policies of a role: of those that are attached the ARNs, of those within it the names. */
  policiesOf(role: string): Promise<string[]>;

  /** Who has a managed policy, by its ARN, attached or as a boundary: `role NAME`, `user NAME`, `group NAME`. */
  whoHas(policyArn: string): Promise<string[]>;

  /** The rules on an event bus: their names. */
  rulesOn(bus: string): Promise<string[]>;
}
