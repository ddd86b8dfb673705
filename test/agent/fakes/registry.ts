import { agreedKey, keyPair, type RegistrationRequest } from "../../../protocol/index.ts";
import type { Rekeys } from "./rekeys.ts";
import type { Received, Reply } from "./server.ts";

interface Entry {
  ec2InstanceId: string;
  ip: string;
  publicKey: string;
  serverPublic: string;
  key: string;
}

/** The registration function, for callers that all are the instance `ec2InstanceId`. */
export class Registry {
  readonly entries = new Map<string, Entry>();
  readonly requests: {
    id: string;
    ip: string;
    flag: string;
    publicKey?: string;
    agentVersion: string;
    signed: boolean;
  }[] = [];
  /** The access key IDs and the times of the signatures of all calls. */
  readonly callers: string[] = [];
  readonly signedAt: string[] = [];
  /** Answers to give instead, first come first served; "drop" breaks the connection after the work was done. */
  readonly instead: (Reply | "drop")[] = [];
  sampleIntervalSeconds = 60;
  /** What it says that it last judged of the instance, if it says so. */
  verdict: string | undefined;
  /** Where it says that samples go, if it says so. */
  store: object | undefined;
  ec2InstanceId = "i-0123456789abcdef0";
  /** The rekey that stands, if one does. */
  rekeys: Rekeys | undefined;
  #random: (bytes: number) => Buffer;

  constructor(random: (bytes: number) => Buffer) {
    this.#random = random;
  }

  handle({ headers, body }: Received): Reply {
    const request = JSON.parse(body);
    const signed = /^AWS4-HMAC-SHA256 Credential=.*\/us-east-1\/lambda\/aws4_request/.test(
      String(headers.authorization),
    );
    this.requests.push({ ...request, signed });
    this.callers.push(/Credential=([^/]*)/.exec(String(headers.authorization))?.[1] ?? "");
    this.signedAt.push(String(headers["x-amz-date"]));
    const other = this.instead.shift();
    if (other !== undefined && other !== "drop") return other;
    const answer = { status: 200, body: JSON.stringify(this.#answer(request)) };
    return other === "drop" ? undefined : answer;
  }

  #answer(request: RegistrationRequest): object {
    const { id, ip, flag, publicKey } = request;
    if (flag === "rekey") {
      const { kind, ...rest } = this.rekeys?.answer(request) ?? { kind: "refused", reason: "NO_REKEY" };
      return { registered: kind === "registered", ...rest };
    }
    const entry = this.entries.get(id);
    const { sampleIntervalSeconds, verdict, store, ec2InstanceId } = this;
    if (flag === "update") {
      if (entry === undefined) return { registered: false, reason: "UNKNOWN_ID" };
      if (entry.ec2InstanceId !== ec2InstanceId) return { registered: false, reason: "NOT_OWNER" };
      entry.ip = ip;
      return { registered: true, generation: 1, sampleIntervalSeconds, store, verdict };
    }
    if (publicKey === undefined) throw new Error("a new instance sends its public key");
    if (entry !== undefined && (entry.ec2InstanceId !== ec2InstanceId || entry.publicKey !== publicKey)) {
      return { registered: false, reason: "ID_TAKEN" };
    }
    const { serverPublic } = entry ?? this.#add(id, ip, publicKey);
    return { registered: true, generation: 1, serverPublic, sampleIntervalSeconds, store, verdict };
  }

  #add(id: string, ip: string, publicKey: string): Entry {
    const own = keyPair(this.#random);
    const key = agreedKey({
      purpose: "first-key",
      privateKey: own.privateKey,
      publicKey,
      id,
      ec2InstanceId: this.ec2InstanceId,
      generation: 1,
      agentPublic: publicKey,
      serverPublic: own.publicKey,
    });
    const entry = { ec2InstanceId: this.ec2InstanceId, ip, publicKey, serverPublic: own.publicKey, key };
    this.entries.set(id, entry);
    return entry;
  }
}
