import type { Answer } from "../../../agent/registration/answer.ts";
import type { Register } from "../../../agent/registration/call.ts";
import { agreedKey, keyPair, type RegistrationRequest, receiptProof, type Ticket } from "../../../protocol/index.ts";
import { EC2_INSTANCE_ID, KEY_FILE, seededBytes } from "./parts.ts";

export const REKEY_NONCE = "c7".repeat(32);

/** A ticket without a proof, for the instance of KEY_FILE. */
export function rekeyTicket(generation = 9): Ticket {
  return { id: KEY_FILE.id, generation, nonce: REKEY_NONCE, proof: "" };
}

/** The control plane's side of a rekey that stands: it agrees a key with the first who asks as its ticket says. */
export class Rekeys {
  readonly requests: RegistrationRequest[] = [];
  /** What it answers instead, first come first served; the work was done all the same. */
  readonly instead: Answer[] = [];
  readonly #standing: Ticket;
  readonly #random = seededBytes("the control plane");
  #agreed: { publicKey: string; serverPublic: string; key: string } | undefined;

  constructor(standing = rekeyTicket()) {
    this.#standing = standing;
  }

  /** The key that was agreed, if one was. */
  get key(): string | undefined {
    return this.#agreed?.key;
  }

  /** The receipt that proves it, with these hooks. */
  receipt(hooks: { name: string; outcome: string }[] = []): object {
    const { id, generation, nonce } = this.#standing;
    const proof = receiptProof({ key: this.key ?? "", id, ec2InstanceId: EC2_INSTANCE_ID, generation, nonce });
    return { receipt: { id, generation, proof, hooks } };
  }

  readonly register: Register = async (request) => {
    this.requests.push(request);
    const answer = this.answer(request);
    return this.instead.shift() ?? answer;
  };

  /** What it answers to a request. */
  answer({ id, generation, nonce, publicKey = "" }: RegistrationRequest): Answer {
    const standing = this.#standing;
    if (id !== standing.id || generation !== standing.generation || nonce !== standing.nonce) {
      return { kind: "refused", reason: "NO_REKEY" };
    }
    this.#agreed ??= this.#agree(publicKey);
    const { serverPublic } = this.#agreed;
    if (this.#agreed.publicKey !== publicKey) return { kind: "refused", reason: "REKEY_TAKEN" };
    return { kind: "registered", generation, serverPublic, sampleIntervalSeconds: 60 };
  }

  #agree(publicKey: string) {
    const { id, generation } = this.#standing;
    const { privateKey, publicKey: serverPublic } = keyPair(this.#random);
    const name = { id, ec2InstanceId: EC2_INSTANCE_ID, generation };
    const publicKeys = { publicKey, agentPublic: publicKey, serverPublic };
    return { publicKey, serverPublic, key: agreedKey({ purpose: "rekey", ...name, privateKey, ...publicKeys }) };
  }
}
