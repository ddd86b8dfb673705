/** Where the console of a partition is; each Region's has its name before it. */
const CONSOLES: Record<string, string> = {
  aws: "console.aws.amazon.com",
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
};

/** The address of an execution in the AWS console of its partition. */
export function consoleLink(executionArn: string): string {
  const [, partition = "", , region] = executionArn.split(":");
  const host = `${region}.${CONSOLES[partition] ?? CONSOLES.aws}`;
  return `https://${host}/states/home?region=${region}#/v2/executions/details/${executionArn}`;
}
