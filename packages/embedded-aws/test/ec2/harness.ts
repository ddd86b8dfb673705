import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EC2Client } from "@aws-sdk/client-ec2";
import { systemClock } from "../../src/clock.ts";
import { Instances } from "../../src/ec2/index.ts";
import { Credentials } from "../../src/http/credentials.ts";
import { startServer } from "../../src/http/server.ts";
import type { Principal } from "../../src/http/service.ts";
import type { InstanceRole } from "../../src/iam/role.ts";
import type { BusEvent, Parts } from "../../src/parts.ts";
import { Store } from "../../src/store.ts";

/**
 * An agent that says how it was started, beats in the file `agent-beat`, answers SIGTERM, and ends by itself when a file
 * `end` appears, or at once for any other command than `run`.
 */
const AGENT = `
echo "agent $1 of $INSTANCE"
[ "$1" = run ] || exit 0
trap 'echo "asked to end"; exit 0' TERM
while [ ! -e end ]; do echo >> agent-beat; sleep 0.02; done
rm end
exit 7
`;

/** An application that says on which instance it runs, leaves its number in `web-pid`, and beats in the file `web-beat`. */
const APPLICATION = `
echo $$ > web-pid
echo "web on $INSTANCE, $METADATA"
trap 'echo "asked to end"; exit 0' TERM
while :; do echo >> web-beat; sleep 0.02; done
`;

export const ROLE: InstanceRole = { name: "Tester", id: "AROATESTER00000000001", statements: [] };

const OPERATOR: Principal = { kind: "operator", arn: "arn:aws:iam::000000000000:user/test", userId: "AIDATEST" };

export type RaisedEvent = Pick<BusEvent, "source" | "detail-type" | "resources" | "detail">;

/** An EC2 of its own in `folder`; opened again over the same folder, it goes on where it was. */
export function openEc2(folder: string) {
  const sentences: string[] = [];
  const parts: Parts = {
    store: new Store(folder),
    clock: systemClock,
    random: randomBytes,
    log: (sentence) => void sentences.push(sentence),
  };
  const events: RaisedEvent[] = [];
  const credentials = new Credentials(parts);
  const agentFile = join(folder, "agent.sh");
  writeFileSync(agentFile, AGENT);
  const instances = new Instances(parts, {
    folder: join(folder, "instances"),
    role: ROLE,
    tags: { team: "keys" },
    agent: {
      name: "test-agent",
      command: ["/bin/sh", agentFile],
      arguments: ["run"],
      environment: ({ ec2InstanceId, metadataEndpoint }) => ({
        INSTANCE: ec2InstanceId,
        METADATA: metadataEndpoint,
        ODD: "it's $HOME",
      }),
    },
    applicationsOf: ({ ec2InstanceId, metadataEndpoint }) => [
      {
        name: "web",
        command: ["/bin/sh", "-c", APPLICATION],
        environment: { INSTANCE: ec2InstanceId, METADATA: metadataEndpoint },
      },
    ],
    credentials,
    events: { raise: (event) => void events.push(event) },
  });
  return {
    parts,
    instances,
    credentials,
    events,
    sentences,
    log: (id: string) => readFileSync(join(folder, "instances", id, "agent.log"), "utf8"),
    async client(): Promise<{ client: EC2Client; close: () => Promise<void> }> {
      const server = await startServer({ port: 0, services: [instances.service], credentials, parts });
      const client = new EC2Client({
        endpoint: server.endpoint,
        region: "us-east-1",
        credentials: credentials.issue(OPERATOR, { temporary: false }),
        maxAttempts: 1,
      });
      return {
        client,
        close: () => {
          client.destroy();
          return server.close();
        },
      };
    },
    async close(): Promise<void> {
      await instances.close();
      parts.store.close();
    },
  };
}
