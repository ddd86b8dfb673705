/**
 * Files that start no process, and leave behind what they found. A worker runs one after the other, and loads what they
 * import, the AWS SDK and the CDK above all, once. Every other file has a process of its own.
 */
export const SHARING = [
  "packages/embedded-aws/test/!(iam)/!(machine|kill|restart).test.ts",
  "test/agent/!(process|lock|two-daemons).test.ts",
  "test/consumer/!(proof-writer.aws).test.ts",
  "test/docs/{audit,blocks,invariants,keyturn}.test.ts",
  "test/harness/!(crashes).test.ts",
  "test/simulation/!(bugs|program|simulation).test.ts",
  "test/{events,protocol,shape,statemachines}/*.test.ts",
  "test/functions/!(mysql|postgres)/!(*.postgres|*.mysql|*.databases).test.ts",
  "test/infra/!(bundles|install|deploy|destroy|settings-commands|template).test.ts",
  "test/operator/{audit-rows,looked,where}.test.ts",
  "test/local/exposed/!(play).test.ts",
  "test/local/play/run.test.ts",
  "test/page/{audit,consumers,fleet,frame,mail-lines,mails,play}.test.ts",
  "test/page/executions/*.test.ts",
];
