/**
 * What the SSM agent on an instance must be allowed for Run Command, by AWS's "Reference: ec2messages, ssmmessages, and
 * other API operations" and the agent's source: it reports itself; it takes commands, and reports what became of them,
 * over the control channel of the Message Gateway Service, or, where it is not allowed that, from the Message Delivery
 * Service. Nothing waits for the rest: a message that is not acknowledged, failed or deleted comes again, and the agent
 * knows it then; data channels are for Session Manager, associations for State Manager.
 */
export class AgentRights {
  readonly #mayDo: (ec2InstanceId: string, action: string) => boolean;

  constructor(mayDo: (ec2InstanceId: string, action: string) => boolean) {
    this.#mayDo = mayDo;
  }

  /** Whether Systems Manager knows the instance at all. */
  isManaged(ec2InstanceId: string): boolean {
    return this.#mayDo(ec2InstanceId, "ssm:UpdateInstanceInformation");
  }

  /** Whether a command gets to the instance. */
  takes(ec2InstanceId: string): boolean {
    return this.#hasControlChannel(ec2InstanceId) || this.#mayDo(ec2InstanceId, "ec2messages:GetMessages");
  }

  /** Whether what became of a command gets back. */
  reports(ec2InstanceId: string): boolean {
    return this.#hasControlChannel(ec2InstanceId) || this.#mayDo(ec2InstanceId, "ec2messages:SendReply");
  }

  #hasControlChannel(ec2InstanceId: string): boolean {
    const actions = ["ssmmessages:CreateControlChannel", "ssmmessages:OpenControlChannel"];
    return actions.every((action) => this.#mayDo(ec2InstanceId, action));
  }
}
