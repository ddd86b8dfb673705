import { globSync } from "node:fs";

/** A part of the program whose mutants are counted together. */
export interface Area {
  name: string;
  /** Which files are altered, as globs. */
  files: string[];
  /** Which test files are run against them, as globs: of these, those that load the altered file. */
  tests: string[];
  /**
   * Which tests of which file are run, where a file tests much more than one file: for a test file, from an altered file
   * to a pattern for the names of its tests, or undefined for none of them.
   */
  only?: Record<string, (file: string) => string | undefined>;
}

/** By the kind of a client, the suites over AWS in which it is tried, by their titles. */
const SUITES: [RegExp, string][] = [
  [/(registry|record-|key-writes|other-items)/, "^the registry in DynamoDB"],
  [/conditions/, "^the (registry|tickets|audit|findings)"],
  [/(audit|seal-items)/, "^the audit in DynamoDB"],
  [/findings/, "^the findings in DynamoDB"],
  [/tickets/, "^the tickets in DynamoDB"],
  [/credentials/, "^the records of credentials"],
  [/time-series\.|timestream-rows/, "^the time series in (Timestream|DynamoDB)"],
  [/uses\./, "^the uses in (Timestream|DynamoDB)"],
  [/vault/, "^the vault in KMS"],
  [/nonces/, "^the nonces from KMS"],
  [/bus/, "^the bus in EventBridge"],
  [/mail/, "^mail through SNS"],
  [/hosts/, "^hosts in EC2"],
  [/executions/, "^tasks in Step Functions"],
  [/registrations/, "^registrations in Step Functions"],
  [/access-keys/, "^access keys in IAM"],
  [/trail/, "^the trail in CloudTrail"],
  [/commands/, "^commands in SSM"],
];

const AWS = "{cloudtrail,dynamodb,ec2,eventbridge,iam,kms,s3,secretsmanager,sfn,sns,ssm,timestream}";
const BEHIND =
  "{conditions,key-writes,other-items,record-reads,record-updates,registry-erasure,seal-items,timestream-rows}";

export const AREAS: Area[] = [
  {
    name: "protocol",
    files: ["protocol/!(index).ts"],
    tests: [
      "test/protocol/*.test.ts",
      "test/functions/{audit,registration,rotation}/*.test.ts",
      "test/functions/clients/{tickets,time-series,uses}.*.test.ts",
      "test/agent/{answer,call,folder-hooks,keep-proving,rekey,series,ssm-document,turn}.test.ts",
      "test/consumer/proof-writer.fake.test.ts",
    ],
  },
  {
    name: "judge",
    files: ["functions/rotation/verify-hash/{judge,open-keys,step}.ts", "functions/rotation/{samples,verdicts}.ts"],
    tests: [
      "test/functions/rotation/*.test.ts",
      "test/functions/watch/look-at-records.test.ts",
      "test/statemachines/*.test.ts",
    ],
  },
  {
    name: "clients",
    files: [`functions/clients/*.${AWS}.ts`, `functions/clients/${BEHIND}.ts`],
    tests: ["test/functions/clients/!(authori*|issuer*|*.fake).test.ts", "test/flows/clients.test.ts"],
    only: { "test/flows/clients.test.ts": (file) => SUITES.find(([of]) => of.test(file))?.[1] },
  },
  {
    name: "turn",
    files: ["agent/turn/*.ts"],
    tests: ["test/agent/{turn,turn-crash,tickets,rekey,rekey-crash,folder-hooks,first-key-crash}.test.ts"],
    // An altered log is moved away from wherever it is: as root, also from /dev.
    only: { "test/agent/folder-hooks.test.ts": () => "^(?!.*the disk is too full)" },
  },
  {
    name: "rights",
    files: ["infra/rights/*.ts"],
    tests: ["test/infra/rights.test.ts"],
  },
];

/** @returns the files of globs, in the order of their names */
export function filesOf(globs: string[]): string[] {
  return [...new Set(globs.flatMap((glob) => globSync(glob)))].sort();
}
