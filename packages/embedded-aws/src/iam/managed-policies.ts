import { type CompiledStatement, compileStatements, type Statement } from "./statement.ts";

const ALL = ["*"];

/**
 * What Amazon's own managed policies say here. The quarantine is what AWS puts on a user whose key it has found in public;
 * here it denies those of its actions whose services are here.
 */
const STATEMENTS: Readonly<Record<string, readonly Statement[]>> = {
  AdministratorAccess: [{ Effect: "Allow", Action: ALL, Resource: ALL }],
  AWSCompromisedKeyQuarantineV3: [
    {
      Effect: "Deny",
      Action: [
        ...["cloudtrail:LookupEvents", "ec2:RunInstances", "ec2:StartInstances"],
        ...["iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:CreateUser", "iam:DetachUserPolicy"],
        ...["iam:PutUserPolicy", "iam:UpdateAccessKey"],
        ...["lambda:CreateFunction", "lambda:GetFunction", "lambda:UpdateFunctionCode"],
      ],
      Resource: ALL,
    },
  ],
};

const START = "arn:aws:iam::aws:policy/";

/** What a managed policy says; nothing where there is none of that ARN. */
export function managedPolicy(arn: string): CompiledStatement[] | undefined {
  const name = managedPolicyName(arn);
  const statements = arn.startsWith(START) && Object.hasOwn(STATEMENTS, name) ? STATEMENTS[name] : undefined;
  return statements && compileStatements(statements, "role", `the policy ${name}`);
}

export function managedPolicyName(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
