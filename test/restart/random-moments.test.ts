import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { arnOf } from "embedded-aws";
import { expect, test, vi } from "vitest";
import { isRetired } from "../../functions/record/record.ts";
import { NAMES } from "../../infra/wiring.ts";
import { FLEET_ROTATION, ROTATION } from "../../local/demo/rotations.ts";
import { type Keyturn, keyFile, mailsIn, startKeyturn } from "./keyturn.ts";

const AGENTS = 4;
const KILLS = 4;
/** Another one kills at other moments. */
const SEED = 1;

/** Numbers from 0 up to 1 that only the seed decides (a linear congruential generator, Numerical Recipes' constants). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What the embedded AWS has said that it has taken. */
interface Taken {
  executions: string[];
  events: string[];
  mails: string[];
}

/** Starts rotations by hand and by event, and publishes mails, one after the other, until the connection breaks. */
async function load(keyturn: Keyturn, ids: string[], taken: Taken, next: () => number): Promise<void> {
  const once = { ...keyturn.config, maxAttempts: 1 };
  const sns = new SNSClient(once);
  const events = new EventBridgeClient(once);
  try {
    for (;;) {
      const id = ids[Math.floor(next() * ids.length)] ?? "";
      taken.executions.push(await keyturn.rotations.start(id));
      const Detail = JSON.stringify({ id });
      const entry = { EventBusName: NAMES.eventBus, Source: "test", DetailType: "Rotation Requested", Detail };
      const { Entries } = await events.send(new PutEventsCommand({ Entries: [entry] }));
      taken.events.push(Entries?.[0]?.EventId ?? "");
      const Subject = `mail ${taken.mails.length}`;
      await sns.send(new PublishCommand({ TopicArn: arnOf("sns", NAMES.alertTopic), Subject, Message: "text" }));
      taken.mails.push(Subject);
      await pause(500 * next());
    }
  } catch (error) {
    // That is how it ends; what was not answered may have been taken or not.
    if (keyturn.child.exitCode === null && keyturn.child.signalCode === null && !keyturn.child.killed) throw error;
  } finally {
    sns.destroy();
    events.destroy();
  }
}

test("killed at random moments under load: nothing is lost, nothing doubled", async () => {
  const next = numbersFrom(SEED);
  const data = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  // Between two kills there may be no time for a sample, and nobody is to be taken for stale.
  const options = ["--agents", String(AGENTS), "--samples", "1m"];
  const taken: Taken = { executions: [], events: [], mails: [] };
  let keyturn = await startKeyturn(data, [...options, "--every", "2s"]);
  try {
    const { fleet } = keyturn;
    await vi.waitFor(async () => expect(await fleet.records()).toHaveLength(AGENTS), { timeout: 20_000 });
    const records = await fleet.records();
    await Promise.all(records.map((record) => fleet.sampleAfter(record, 0)));
    const ids = records.map(({ id }) => id);

    for (let kills = 0; kills < KILLS; kills += 1) {
      const loading = load(keyturn, ids, taken, next);
      await pause(100 + 1200 * next());
      await keyturn.end("SIGKILL");
      await loading;
      keyturn = await startKeyturn(data, [...options, "--every", kills === KILLS - 1 ? "24h" : "2s"]);
    }

    const { rotations } = keyturn;
    const executions = await vi.waitFor(
      async () => {
        const all = [...(await rotations.list(ROTATION)), ...(await rotations.list(FLEET_ROTATION))];
        expect(all.filter(({ status }) => status === "RUNNING")).toEqual([]);
        return all;
      },
      // A kill may leave a push that another one replaced to wait for its time limit, which is 20 seconds.
      { timeout: 60_000, interval: 250 },
    );
    expect(executions.filter(({ status }) => status !== "SUCCEEDED")).toEqual([]);
    const arns = executions.map(({ executionArn }) => executionArn ?? "");
    expect(new Set(arns).size).toBe(arns.length);
    expect(taken.executions.filter((arn) => !arns.includes(arn))).toEqual([]);
    // EventBridge names an execution after the event that starts it.
    const startedBy = (event: string) => arns.filter((arn) => arn.includes(`:${event}_`)).length;
    expect(taken.events.map(startedBy)).toEqual(taken.events.map(() => 1));

    const reached = new Map(ids.map((id) => [id, new Set<number>()]));
    for (const arn of arns.filter((one) => one.includes(`:${ROTATION}:`))) {
      const { output = "{}" } = await rotations.describe(arn);
      const { outcome, id, generation } = JSON.parse(output);
      if (outcome === "ROTATED") reached.get(id)?.add(generation);
    }
    for (const record of await keyturn.fleet.records()) {
      if (isRetired(record)) throw new Error("nothing was terminated");
      const { id, ec2InstanceId, current, pending } = record;
      expect(pending).toBeUndefined();
      expect(keyFile(data, ec2InstanceId).generation).toBe(current.generation);
      const turns = Array.from({ length: current.generation - 1 }, (_, index) => index + 2);
      expect([...(reached.get(id) ?? [])].sort((a, b) => a - b)).toEqual(turns);
    }

    await vi.waitFor(() => expect(taken.mails.filter((mail) => !mailsIn(data).includes(mail))).toEqual([]));
    const mails = mailsIn(data);
    // On a machine that is busy a registration may take longer than its time; the agent has tried again, as the records say.
    const tooSlow = /^Keyturn: RegistrationFailed on i-\S+ \(\S+\)$/;
    expect(mails.filter((mail) => !mail.startsWith("mail ") && !tooSlow.test(mail))).toEqual([]);
  } finally {
    await keyturn.end("SIGKILL");
    rmSync(data, { recursive: true, maxRetries: 10 });
  }
}, 180_000);
