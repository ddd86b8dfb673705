import assert from "node:assert/strict";
import type { Disk } from "../../../agent/disk.ts";
import type { Answer } from "../../../agent/registration/answer.ts";
import type { Register } from "../../../agent/registration/call.ts";
import type { KeyFile } from "../../../agent/state/key-file.ts";
import type { RekeyFile } from "../../../agent/state/rekey-file.ts";
import { noHooks } from "../../../agent/turn/hooks.ts";
import { type TurnResult, turn } from "../../../agent/turn/turn.ts";
import { isRetired } from "../../../functions/record/record.ts";
import { askedRekey } from "../../../functions/registration/asked-rekey.ts";
import { deriveRekey } from "../../../functions/registration/derive-rekey/step.ts";
import { confirmRekey } from "../../../functions/rotation/confirm-rekey/step.ts";
import { confirmSuccessor } from "../../../functions/rotation/confirm-successor/step.ts";
import { deriveSuccessor } from "../../../functions/rotation/derive-successor/step.ts";
import { promoteSuccessor } from "../../../functions/rotation/promote-successor/step.ts";
import { awaitedTicket, receiptFor } from "../../../functions/rotation/push-answer.ts";
import { pushToInstance } from "../../../functions/rotation/push-to-instance/step.ts";
import { validateId } from "../../../functions/rotation/validate-id/step.ts";
import { validateRekey } from "../../../functions/rotation/validate-rekey/step.ts";
import { digestOf } from "../../../functions/shared/digest.ts";
import type { Receipt } from "../../../protocol/index.ts";
import { CrashingDisk } from "../../agent/fakes/crashing-disk.ts";
import { HandClock } from "../../agent/fakes/hand-clock.ts";
import { FakeLog, FakeSeries, PLACES, seededBytes } from "../../agent/fakes/parts.ts";
import { type ControlPlane, controlPlane, EC2, ID, NOW, TestInstance } from "../../functions/support.ts";
import { Actor, type Held, heldUp } from "./actor.ts";

/** An execution of the real steps, and the agent's real turn, each held up between two calls. */
export interface RealExecution {
  name: string;
  to: number;
  rekey: boolean;
  actor: Actor;
  receiptDigest: string;
}

/** The real steps on fakes, and the real agent on a disk that can die. */
export class Real {
  readonly plane: ControlPlane;
  disk: CrashingDisk;
  executions: RealExecution[] = [];
  turns: Actor[] = [];
  readonly receipts: Receipt[] = [];
  readonly #random = seededBytes("agent");
  #count = 0;

  private constructor(plane: ControlPlane) {
    this.plane = plane;
    const { id, ec2InstanceId, key } = plane.instance;
    const own = { version: 1, id, ec2InstanceId };
    this.disk = CrashingDisk.with({
      [PLACES.identity]: JSON.stringify(own),
      [PLACES.key]: JSON.stringify({ ...own, generation: 1, key, nonce: null }),
    });
  }

  static async begin(): Promise<Real> {
    const plane = await controlPlane({}, new TestInstance());
    plane.agents.set(EC2, async () => undefined);
    return new Real(plane);
  }

  /** The record; undefined where it is retired. */
  async record() {
    const record = await this.plane.registry.find(ID);
    return record === undefined || isRetired(record) ? undefined : record;
  }

  /** The keys on the disk: as it is read, and as it would be after the power went. */
  async keyFiles(): Promise<{ file: KeyFile | undefined; lasting: KeyFile | undefined }> {
    const [least = this.disk] = this.disk.afterPowerLoss();
    return { file: await keyFileOn(this.disk), lasting: await keyFileOn(least) };
  }

  async beginExecution(to: number, rekey: boolean): Promise<void> {
    const { plane } = this;
    this.#count += 1;
    const name = `execution-${this.#count}`;
    const execution = { name, to, rekey, receiptDigest: "" };
    if (rekey) {
      assert.equal((await validateRekey({ id: ID }, plane)).rekey, to);
      this.executions.push({ ...execution, actor: this.#push(execution) });
      return;
    }
    assert.equal((await validateId({ id: ID }, plane)).generation, to - 1);
    const verified = { id: ID, ec2InstanceId: EC2, generation: to - 1, lastProofAt: NOW, verdict: "MATCH" as const };
    const actor = new Actor((pass) => {
      const registry = heldUp(plane.registry, ["find", "setPending"], pass);
      return deriveSuccessor(verified, { ...plane, registry });
    });
    this.executions.push({ ...execution, actor });
  }

  #push({ name, to, rekey }: Omit<RealExecution, "actor">): Actor {
    const { plane } = this;
    const input = { id: ID, ec2InstanceId: EC2, generation: to, rekey, execution: name, taskToken: `of ${name}` };
    return new Actor((pass) => {
      const registry = heldUp(plane.registry, ["find", "setPush"], pass);
      const tickets = heldUp(plane.tickets, ["lay"], pass);
      const commands = heldUp(plane.commands, ["send"], pass);
      return pushToInstance(input, { ...plane, registry, tickets, commands });
    });
  }

  /** Its push dies, and is tried again. */
  pushAgain(execution: RealExecution): void {
    execution.actor = this.#push(execution);
  }

  /** Lets an execution take one call; what comes after the derivation is the push. */
  async advance(execution: RealExecution): Promise<Held> {
    const held = await execution.actor.next();
    if (!("result" in held)) return held;
    const { receiptDigest } = held.result as { receiptDigest?: string };
    if (receiptDigest === undefined) return held;
    execution.receiptDigest = receiptDigest;
    execution.actor = this.#push(execution);
    return execution.actor.held();
  }

  /** Confirms the receipt that it awaits, of those that were printed, and is about to promote. */
  async confirm(execution: RealExecution): Promise<void> {
    const { plane } = this;
    const { to: generation, rekey } = execution;
    const record = await this.record();
    const awaited = record && awaitedTicket(record, { rekey });
    const receipt = this.receipts.find((one) => awaited && receiptFor(awaited, { receipt: one }) !== undefined);
    assert(receipt, `no receipt is there for generation ${generation}`);
    if (rekey) execution.receiptDigest = (await confirmRekey({ id: ID, generation, receipt }, plane)).receiptDigest;
    else await confirmSuccessor({ id: ID, generation, receipt, receiptDigest: execution.receiptDigest });
    const { receiptDigest, name } = execution;
    const verdict = rekey ? ("REKEY" as const) : ("MATCH" as const);
    const input = { id: ID, ec2InstanceId: EC2, generation, receiptDigest, verdict, execution: name, asked: {} };
    execution.actor = new Actor((pass) => {
      const registry = heldUp(plane.registry, ["promote", "promoteRekey"], pass);
      return promoteSuccessor(input, { ...plane, registry });
    });
  }

  /** A command reaches the agent: it has fetched its ticket, and waits for the lock. */
  async beginTurn(): Promise<void> {
    const { disk, plane } = this;
    const actor = new Actor((pass) => {
      const tickets = { find: () => plane.tickets.find(EC2, ID), close: () => undefined };
      const lock = {
        hold: async <T>(work: () => Promise<T>) => {
          await pass("lock");
          return work();
        },
      };
      const own: Disk = {
        makeFolder: () => disk.makeFolder(),
        read: (path) => disk.read(path),
        write: (path, text) => disk.write(path, text),
        sync: (path) => disk.sync(path),
        rename: (from, to) => disk.rename(from, to),
        remove: (path) => disk.remove(path),
        syncFolder: (path) => disk.syncFolder(path),
      };
      const nameOf = (name: string, [path]: unknown[]) => (String(path).includes("rekey") ? `${name} of pairs` : name);
      const held = heldUp(own, ["write", "sync", "rename", "syncFolder", "remove"], pass, nameOf);
      return turn({
        ...{ disk: held, places: PLACES, lock, tickets, hooks: noHooks, nonce: "hmac" },
        ...{ series: new FakeSeries(), clock: new HandClock(NOW), log: new FakeLog() },
        ...{ register: this.#register(pass), ip: async () => "10.0.0.4", random: this.#random },
      });
    });
    this.turns.push(actor);
    await actor.until("lock");
  }

  /** The registration function, whose answer may be lost. */
  #register(pass: (name: string) => Promise<void>): Register {
    return async (request): Promise<Answer> => {
      await pass("register");
      const { generation = 0, nonce = "", publicKey = "" } = request;
      const asked = { ec2InstanceId: EC2, generation, nonceDigest: digestOf(nonce), publicKey };
      const found = askedRekey(await this.plane.registry.find(ID), asked);
      if ("refused" in found) return { kind: "refused", reason: found.refused };
      const answer = await deriveRekey({ ...asked, id: ID, ip: "10.0.0.4" }, this.plane);
      await pass("answer");
      return { kind: "registered", ...answer, sampleIntervalSeconds: 60 };
    };
  }

  /** How often a turn syncs the folder under the lock, before anything that it is there for: for what it removes. */
  async syncsFirst(): Promise<number> {
    const { file } = await this.keyFiles();
    const text = await this.disk.read(PLACES.rekey);
    const { pairs = [] }: Partial<RekeyFile> = JSON.parse(text || "{}");
    const isPairSpent = file !== undefined && pairs.some(({ generation }) => generation <= file.generation);
    return this.disk.files().filter((path) => path.endsWith(".next")).length + (isPairSpent ? 2 : 0);
  }

  /** Where a turn has printed its receipt, that is kept. */
  keepReceipt(held: Held): void {
    if (!("result" in held)) throw new Error(`the turn has not ended: ${JSON.stringify(held)}`);
    const result = held.result as TurnResult;
    assert("receipt" in result, `the agent refuses: ${JSON.stringify(result)}`);
    this.receipts.push(result.receipt);
  }

  /** The power goes: of what may be left, what the model says is. */
  async losePower(isLeft: (file: KeyFile | undefined) => boolean): Promise<void> {
    const files = await Promise.all(
      this.disk.afterPowerLoss().map(async (disk) => ({ disk, file: await keyFileOn(disk) })),
    );
    const left = files.find(({ file }) => isLeft(file));
    assert(left, "nothing that may be left after a loss of power is as the model says");
    this.disk = left.disk;
    this.turns = [];
  }
}

async function keyFileOn(disk: CrashingDisk): Promise<KeyFile | undefined> {
  const text = await disk.read(PLACES.key);
  return text === undefined || text === "" ? undefined : JSON.parse(text);
}
