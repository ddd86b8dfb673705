import { expect, test } from "vitest";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import { judge as judgeReal } from "../../../functions/rotation/verify-hash/judge.ts";
import { sampleHash, successor } from "../../../protocol/index.ts";
import { EC2, hex64Of, ID, INTERVAL_MS, NOW, SKEW_MS } from "../../functions/support.ts";
import { judge } from "./samples.ts";
import { generationOf, type Key } from "./state.ts";

/** Every record of these, with every list of up to three samples of these. */
const RECORDS = [
  { current: "A2", pending: "", rekey: 0, agreed: "" },
  { current: "A2", pending: "A3", rekey: 0, agreed: "" },
  { current: "A2", pending: "", rekey: 4, agreed: "" },
  { current: "A2", pending: "A3", rekey: 4, agreed: "4a4" },
];
const SAMPLES = ["A1", "A2", "A3", "4a4", "x1", "x2", "x3", "x5"];

const NONCE = hex64Of("nonce");
const A2 = hex64Of("A2");
const KEYS: Record<Key, string> = { A2, A3: successor(A2, NONCE) };
const keyOf = (name: Key) => KEYS[name] ?? hex64Of(name);

/** Past the grace after the promotion by as much as samples have room, all of them fresh. */
const SINCE = NOW - 2.5 * INTERVAL_MS;
const GRACE_MS = SKEW_MS + INTERVAL_MS;

function realSample(sample: string, at: number) {
  const isEarly = sample.endsWith("e");
  const name = isEarly ? sample.slice(0, -1) : sample;
  const timeMs = SINCE + (isEarly ? 0 : GRACE_MS) + at;
  const generation = generationOf(name);
  return { timeMs, generation, hash: sampleHash({ key: keyOf(name), id: ID, ec2InstanceId: EC2, generation, timeMs }) };
}

const sealed = (name: Key) => ({ generation: generationOf(name), nonce: NONCE, ciphertext: "" });

function realRecord({ current, pending, rekey, agreed }: (typeof RECORDS)[number]): InstanceRecord {
  const longAgo = NOW - 1000 * INTERVAL_MS;
  return {
    ...{ id: ID, ec2InstanceId: EC2, ip: "10.0.0.4", status: "ACTIVE", agentPublic: "", serverPublic: "" },
    ...{ registeredAt: longAgo, startedAt: longAgo, dueAt: NOW, current: { ...sealed(current), since: SINCE } },
    ...(pending && { pending: { ...sealed(pending), ticketProof: "", receiptDigest: "", pushes: {} } }),
    ...(rekey && { rekey: { generation: rekey, nonce: NONCE, openedAt: longAgo, execution: "", pushes: {} } }),
    ...(agreed && { rekeyedAt: longAgo }),
  } as InstanceRecord;
}

/** Early ones are those that were written first. */
function* lists(): Generator<string[]> {
  for (let count = 0; count <= 3; count += 1) {
    for (let early = 0; early <= count; early += 1) {
      for (let n = 0; n < SAMPLES.length ** count; n += 1) {
        yield Array.from({ length: count }, (_, at) => {
          const name = SAMPLES[Math.floor(n / SAMPLES.length ** at) % SAMPLES.length]!;
          return at < early ? `${name}e` : name;
        });
      }
    }
  }
}

test.each(RECORDS)("the model's verdicts are the judge's, whatever was written, of a record of %o", (known) => {
  const record = realRecord(known);
  const keys = { currentKey: keyOf(known.current), rekeyKey: known.agreed ? keyOf(known.agreed) : undefined };
  for (const samples of lists()) {
    const real = judgeReal(samples.map(realSample), record, keys, {
      now: NOW,
      intervalMs: INTERVAL_MS,
      skewMs: SKEW_MS,
    });
    const { verdict, claimed } = real;
    expect({ verdict, ...(claimed !== undefined && { claimed }) }, samples.join(" ")).toEqual(judge(samples, known));
  }
});
