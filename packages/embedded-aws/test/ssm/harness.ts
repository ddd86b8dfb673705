import { randomBytes } from "node:crypto";
import { SSMClient } from "@aws-sdk/client-ssm";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { InstanceShell, InstanceState, ScriptResult } from "../../src/ec2/index.ts";
import { Credentials } from "../../src/http/credentials.ts";
import { startServer } from "../../src/http/server.ts";
import type { Principal } from "../../src/http/service.ts";
import type { EventSink, Parts } from "../../src/parts.ts";
import { SystemsManager } from "../../src/ssm/index.ts";
import { Store } from "../../src/store.ts";

const OPERATOR: Principal = { kind: "operator", arn: "arn:aws:iam::000000000000:user/test", userId: "AIDATEST" };

export const DOCUMENT = {
  schemaVersion: "2.2",
  description: "for tests",
  mainSteps: [
    {
      action: "aws:runShellScript",
      name: "turn",
      precondition: { StringEquals: ["platformType", "Linux"] },
      inputs: { timeoutSeconds: "300", runCommand: ["echo one", "echo {{two}}"] },
    },
  ],
};

/** An instance ID that ends in `n`. */
export const instance = (n: number) => `i-${String(n).padStart(17, "0")}`;

type Run = Parameters<InstanceShell["runScript"]>[1];

/** Instances whose scripts end when, and as, the test says. */
export class FakeShell implements InstanceShell {
  readonly states = new Map<string, InstanceState>();
  readonly runs: { id: string; run: Run; end: (result?: Partial<ScriptResult>) => void }[] = [];

  state(id: string): InstanceState | undefined {
    return this.states.get(id);
  }

  runScript(id: string, run: Run): Promise<ScriptResult> {
    if (this.states.get(id) !== "running") return Promise.reject(new Error(`Instance ${id} is not running.`));
    return new Promise((resolve) => {
      const end = (result = {}) => resolve({ exitCode: 0, stdout: "", stderr: "", timedOut: false, ...result });
      this.runs.push({ id, run, end });
    });
  }
}

/** A clock whose time is the system's, moved on by hand; timers run soon, however long they are to wait. */
export class HastyClock implements Clock {
  #ahead = 0;

  now(): number {
    return systemClock.now() + this.#ahead;
  }

  after(ms: number, run: () => void): () => void {
    return systemClock.after(Math.min(ms, 5), run);
  }

  skip(ms: number): void {
    this.#ahead += ms;
  }
}

/** What an invocation's or a command's event says. */
export interface Told {
  type: string;
  instance?: unknown;
  status: unknown;
}

/** A Systems Manager of its own, with a server; opened again over the same folder, it goes on where it was. */
export async function openSsm(
  shell: InstanceShell,
  options: {
    folder?: string;
    clock?: Clock;
    mayDo?: (ec2InstanceId: string, action: string) => boolean;
    tags?: Record<string, Record<string, string>>;
  } = {},
) {
  const sentences: string[] = [];
  const told: Told[] = [];
  const raised: Parameters<EventSink["raise"]>[0][] = [];
  const parts: Parts = {
    store: new Store(options.folder),
    clock: options.clock ?? systemClock,
    random: randomBytes,
    log: (sentence) => void sentences.push(sentence),
  };
  const events: EventSink = {
    raise(event) {
      raised.push(event);
      const type = event["detail-type"].includes("Invocation") ? "invocation" : "command";
      const { "instance-id": id, status } = event.detail;
      told.push({ type, ...(id !== undefined && { instance: id }), status });
    },
  };
  const { mayDo, tags } = options;
  const listed = () =>
    Object.keys(tags ?? {}).map((id) => ({ id, ip: "127.0.0.1", state: shell.state(id) ?? "pending" }));
  const tagged = tags && { list: listed, tagsOf: (id: string) => tags[id] ?? {} };
  const ssm = new SystemsManager(parts, { shell, events, ...tagged, ...(mayDo && { mayDo }) });
  const credentials = new Credentials(parts);
  const server = await startServer({
    port: 0,
    services: [ssm.service],
    credentials,
    // Signatures are checked against the time at which the client signs.
    parts: { ...parts, clock: systemClock },
  });
  const client = new SSMClient({
    endpoint: server.endpoint,
    region: "us-east-1",
    credentials: credentials.issue(OPERATOR, { temporary: false }),
    maxAttempts: 1,
  });
  return {
    ssm,
    client,
    told,
    raised,
    sentences,
    parts,
    async close() {
      client.destroy();
      await server.close();
      ssm.close();
      parts.store.close();
    },
  };
}
