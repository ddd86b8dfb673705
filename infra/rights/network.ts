import { allow, type Statement } from "./statement.ts";

/** What Lambda does under a function's role to connect it with a VPC; for most of it IAM knows no narrower resource. */
const CONNECTING = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

/**
 * The rights of a function in a VPC, beside its step's. They are Lambda's to use and not the function's: what it does
 * itself carries its ARN.
 */
export function networkRights(functionArn: string): Statement[] {
  return [
    allow(CONNECTING, ["*"]),
    {
      Effect: "Deny",
      Action: CONNECTING,
      Resource: ["*"],
      Condition: { ArnEquals: { "lambda:SourceFunctionArn": functionArn } },
    },
  ];
}
