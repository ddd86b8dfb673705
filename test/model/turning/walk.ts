import assert from "node:assert/strict";
import type { KeyFile } from "../../../agent/state/key-file.ts";
import type { Rekey } from "../../../functions/record/record.ts";
import { readTicket as readRealTicket, ticketProof } from "../../../protocol/index.ts";
import { EC2, hex64Of, ID, LINE } from "../../functions/support.ts";
import type { Held } from "./actor.ts";
import { Real } from "./real.ts";
import { BEGIN, generationOf, type Key, readTicket, type State, type Ticket, type Turn } from "./state.ts";

/** At which call the agent is held up, where the model says that it is. */
const HELD_AT: Record<Exclude<Turn["at"], "printing">, string> = {
  ...{ fetched: "lock", asking: "register", writing: "write", syncing: "sync", renaming: "rename" },
  ...{ folder: "syncFolder", repeating: "syncFolder" },
};

/** Has the real code take the model's steps, one after the other, and compares what both hold after each. */
export class Walk {
  readonly #real: Real;
  /** Which key of the model's each real one is: one and the same for ever. */
  readonly #names = new Map<string, Key>();
  readonly #keys = new Map<Key, string>();
  #model: State = BEGIN;

  private constructor(real: Real) {
    this.#real = real;
    this.#bind(real.plane.instance.key, "A1");
  }

  static async begin(): Promise<Walk> {
    return new Walk(await Real.begin());
  }

  /** @throws AssertionError where the real code does something else than the model, or holds something else then */
  async take(label: string, after: State): Promise<void> {
    const before = this.#model;
    this.#model = after;
    if (label.startsWith("An execution begins")) {
      const { to, rekey } = after.executions.at(-1)!;
      await this.#real.beginExecution(to, rekey);
    } else if (!(await this.#execution(label, before, after)) && !(await this.#turn(label, before, after))) {
      await this.#other(label, before, after);
    }
    await this.#compare();
  }

  /** @returns whether the step was an execution's */
  async #execution(label: string, before: State, after: State): Promise<boolean> {
    const isOver = after.executions.length < before.executions.length;
    const index = before.executions.findIndex((one, n) => {
      const later = after.executions[n];
      return isOver ? one !== later : one.at !== later?.at;
    });
    const its = before.executions[index];
    const real = this.#real.executions[index];
    if (its === undefined || real === undefined) return false;
    if (isOver) this.#real.executions.splice(index, 1);
    if (label.includes("it died, or was stopped") || /: (another was faster|it is in quarantine)\.$/.test(label))
      return true;
    if (label.startsWith("The push dies")) {
      this.#real.pushAgain(real);
      return true;
    }
    if (label.startsWith("The execution has a receipt")) {
      await this.#real.confirm(real);
      return true;
    }
    const held = await this.#real.advance(real);
    if (!isOver) return true;
    const end = await real.actor.until("its end");
    if (label.endsWith("becomes the current key.")) assert("result" in end, `${label} But ${said(end)}.`);
    else assert("error" in end && isQuiet(end.error), `${label} But ${said(held)}, then ${said(end)}.`);
    return true;
  }

  /** @returns whether the step was a turn's */
  async #turn(label: string, before: State, after: State): Promise<boolean> {
    const real = this.#real;
    if (after.turns.length > before.turns.length) {
      await real.beginTurn();
      return true;
    }
    const index = before.turns.findIndex((one, n) => one !== after.turns[n]);
    const actor = real.turns[index];
    if (index === -1 || actor === undefined || label.startsWith("The power goes")) return false;
    const next = after.turns.length < before.turns.length ? undefined : after.turns[index];
    if (next === undefined) real.turns.splice(index, 1);
    if (label.startsWith("The turn that was")) return true;
    const syncs = next?.at === "repeating" ? await real.syncsFirst() : 0;
    let held = await actor.next();
    for (let n = 0; n < syncs; n += 1) {
      await actor.until("syncFolder");
      held = await actor.next();
    }
    if (label.includes("the answer is lost")) return true;
    if (next === undefined || next.at === "printing") held = await actor.until("its end");
    else held = await actor.until(HELD_AT[next.at]);
    if (next?.at === "printing")
      assert("result" in held && "receipt" in (held.result as object), `${label} But ${said(held)}.`);
    else if (next !== undefined) assert("at" in held, `${label} But ${said(held)}.`);
    if (before.turns[index]?.at === "printing") real.keepReceipt(held);
    else if (next === undefined)
      assert("result" in held && "refused" in (held.result as object), `${label} But ${said(held)}.`);
    return true;
  }

  async #other(label: string, before: State, after: State): Promise<void> {
    const { plane, disk } = this.#real;
    const line = LINE;
    if (label.startsWith("The power goes")) {
      return this.#real.losePower((file) => (file === undefined ? "" : this.#names.get(file.key)) === after.file);
    }
    if (label.startsWith("Time goes by")) return disk.syncFolder("/state");
    if (label.startsWith("A command")) return;
    if (label === "Somebody puts it in quarantine.") assert(await plane.registry.quarantine(ID, { line }));
    else if (label === "Somebody releases it.") assert(await plane.registry.release(ID, { line }));
    else if (label === "Somebody retires it.")
      assert(await plane.registry.retire(ID, { ec2InstanceId: EC2, at: 0, line }));
    else if (label.startsWith("Somebody opens a rekey")) {
      const nonce = await this.#nonce(after.rekey);
      const rekey: Rekey = { generation: after.rekey, nonce, openedAt: 0, execution: "a person's", pushes: {} };
      const replaces = before.rekey === 0 ? undefined : before.rekey;
      assert(await plane.registry.openRekey(ID, { rekey, replaces, line }), label);
    } else if (label.startsWith("Somebody makes")) await this.#layMadeUp(after.ticket);
    else throw new Error(`nobody knows how to do this: ${label}`);
  }

  #nonce(generation: number): Promise<string> {
    return this.#real.plane.nonces.compute({ id: ID, ec2InstanceId: EC2, generation });
  }

  async #layMadeUp(ticket: Ticket): Promise<void> {
    const { generation, nonce, isOfRekey } = readTicket(ticket);
    const madeUp = nonce === "n" ? await this.#nonce(generation) : hex64Of("made up");
    const proof = isOfRekey ? "" : hex64Of("made up, too");
    const { lying } = this.#real.plane.tickets;
    const place = `${EC2} ${ID}`;
    const former = lying.get(place);
    // In DynamoDB what is the same again is the same; in memory it is another one.
    if (former?.generation === generation && former.nonce === madeUp) former.proof = proof;
    else lying.set(place, { id: ID, generation, nonce: madeUp, proof });
  }

  #bind(key: string, name: Key): void {
    this.#names.set(key, name);
    this.#keys.set(name, key);
  }

  /** A key is the one that the model says, and no other one is called so. */
  #same(what: string, key: string | undefined, name: Key): void {
    if (key !== undefined && !this.#names.has(key) && !this.#keys.has(name)) this.#bind(key, name);
    assert.equal(key === undefined ? "" : this.#names.get(key), name, what);
  }

  async #compare(): Promise<void> {
    const model = this.#model;
    const { vault, tickets } = this.#real.plane;
    const record = await this.#real.record();
    assert.equal(record?.status ?? "RETIRED", model.status);
    const open = async (what: string, sealed: { ciphertext: string } | undefined, name: Key, generation: number) => {
      assert.equal(sealed !== undefined, name !== "", `${what}: whether there is one`);
      if (sealed === undefined) return;
      this.#same(what, await vault.unseal(sealed.ciphertext, { id: ID, ec2InstanceId: EC2, generation }), name);
    };
    await open("the current key", record?.current, model.current, generationOf(model.current));
    await open("the pending key", record?.pending, model.pending, generationOf(model.pending));
    await open("the agreed key", record?.rekey?.agreed, model.agreed, model.rekey);
    assert.equal(record?.rekey?.generation ?? 0, model.rekey, "the generation of the rekey");
    const { file, lasting } = await this.#real.keyFiles();
    this.#compareFile("the key file", file, model.file);
    this.#compareFile("the key file if the power goes", lasting, model.lasting);
    const lying = tickets.lying.get(`${EC2} ${ID}`);
    assert.equal(lying === undefined ? "" : await this.#ticket(lying), model.ticket, "the ticket that lies");
  }

  #compareFile(what: string, file: KeyFile | undefined, name: Key): void {
    this.#same(what, file?.key, name);
    assert.equal(file?.generation ?? 0, generationOf(name), `the generation of ${what}`);
  }

  /** A real ticket in the model's words. */
  async #ticket(lying: object): Promise<Ticket> {
    const ticket = readRealTicket(lying);
    assert(ticket);
    const { id, generation, nonce, proof } = ticket;
    const isComputed = nonce === (await this.#nonce(generation));
    const by = [...this.#names].find(
      ([key]) => ticketProof({ key, id, ec2InstanceId: EC2, generation, nonce }) === proof,
    );
    return `${generation}${isComputed ? "n" : "x"}${proof === "" ? "" : (by?.[1] ?? "?")}`;
  }
}

const QUIET = ["Superseded", "Rekeying", "Retired", "Quarantined"];

const isQuiet = (error: unknown): boolean => error instanceof Error && QUIET.includes(error.name);

function said(held: Held): string {
  if ("at" in held) return `it is held up at ${held.at}`;
  return "error" in held ? `it failed with ${held.error}` : `it came to ${JSON.stringify(held.result)}`;
}
