import { defineConfig } from "vitest/config";

const BEFORE_YOU_BEGIN = `This suite runs Keyturn's story on a real AWS account. It needs
  * Keyturn deployed there as cdk.json says (npm run deploy),
  * credentials and the Region in the environment, as for the AWS CLI, of somebody who may start, stop and terminate
    instances from the launch template keyturn-instance, send commands to them, start and stop rotations, and read Keyturn's
    tables, executions, bus and figures; the role or user must be listed in eventSenders in cdk.json,
  * KEYTURN_TEST_SUBNET (subnet-…) where the launch template's security group is not in the default VPC.
It starts two instances and terminates them, also when it fails. It takes about half an hour and costs under 0.10 US
dollars: instance time, disks, executions. It leaves two tombstones in the instance table and up to three mails to whoever
is subscribed to the alerts.`;

console.log(BEFORE_YOU_BEGIN);
if (process.env.KEYTURN_TEST_AWS !== "yes") {
  console.error("\nNothing was started. If that is what you want: KEYTURN_TEST_AWS=yes npm run test:aws");
  process.exit(2);
}

const MINUTE_MS = 60_000;

export default defineConfig({
  test: {
    include: ["test/aws/**/*.test.ts"],
    // It is one story: what comes after a failure would only cost time.
    bail: 1,
    testTimeout: 15 * MINUTE_MS,
    hookTimeout: 15 * MINUTE_MS,
  },
});
