/** What each operation acts upon. Everything else is refused: it must not seem to have been heeded. */
export const MEMBERS: Record<string, readonly string[]> = {
  CreateStateMachine: [
    ...["name", "definition", "roleArn", "type", "publish"],
    ...["loggingConfiguration", "tracingConfiguration"],
  ],
  UpdateStateMachine: [
    ...["stateMachineArn", "definition", "roleArn", "publish"],
    ...["loggingConfiguration", "tracingConfiguration"],
  ],
  DescribeStateMachine: ["stateMachineArn"],
  DescribeStateMachineForExecution: ["executionArn"],
  ListStateMachines: ["maxResults", "nextToken"],
  PublishStateMachineVersion: ["stateMachineArn", "revisionId", "description"],
  ListStateMachineVersions: ["stateMachineArn", "maxResults", "nextToken"],
  CreateStateMachineAlias: ["name", "description", "routingConfiguration"],
  UpdateStateMachineAlias: ["stateMachineAliasArn", "description", "routingConfiguration"],
  StartExecution: ["stateMachineArn", "name", "input"],
  StartSyncExecution: ["stateMachineArn", "name", "input"],
  StopExecution: ["executionArn", "error", "cause"],
  DescribeExecution: ["executionArn"],
  ListExecutions: ["stateMachineArn", "mapRunArn", "statusFilter", "maxResults", "nextToken"],
  GetExecutionHistory: ["executionArn", "maxResults", "reverseOrder", "nextToken", "includeExecutionData"],
  SendTaskSuccess: ["taskToken", "output"],
  SendTaskFailure: ["taskToken", "error", "cause"],
};
