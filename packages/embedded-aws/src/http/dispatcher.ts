import type { Rights } from "../iam/rights.ts";
import type { Parts } from "../parts.ts";
import { type Authorization, readAuthorization } from "./authorization.ts";
import type { Credentials } from "./credentials.ts";
import { prepare } from "./prepare.ts";
import { type Dialect, dialectOf, Refusal } from "./refusals.ts";
import {
  AwsError,
  type Principal,
  type RawRequest,
  type RawResponse,
  type RawService,
  type Service,
} from "./service.ts";
import { verifySignature } from "./signature.ts";
import { strangersWire, type Wire, wireOf } from "./wire.ts";

/** One call of one operation, for those who count. */
export interface CallRecord {
  /** Signing name. */
  service: string;
  operation: string;
  principal: Principal;
  /** When it came, in milliseconds since 1970. */
  at: number;
  durationMs: number;
  /** The error's code, where it did not succeed. */
  error?: string;
}

/** The same for those who keep a trail of what was done with which key. */
export interface SignedCall extends CallRecord {
  accessKeyId: string;
  requestId: string;
  /** What the client says that it is. */
  userAgent?: string;
  /** Nothing where the service reads its requests itself. */
  input?: unknown;
  /** The sentence of the error. */
  errorMessage?: string;
}

export interface DispatcherOptions {
  services: (Service | RawService)[];
  credentials: Credentials;
  parts: Parts;
  onCall?: (call: CallRecord) => void;
  /** Told of each call that was signed as it must be, once it is answered: with what it asked for, which may be secret. */
  onSigned?: (call: SignedCall) => void;
  /** Told of each call's bytes, for a test that searches them. */
  onTraffic?: (traffic: { operation: string; request: RawRequest; response: RawResponse }) => void;
  /** Who may do what; without it everybody may do everything. */
  rights?: Rights;
}

/** Whom a request names as the service it is for, and in whose form and words it is refused. */
type Address = {
  authorization: Authorization | Refusal;
  dialect: Dialect;
} & ({ service: Service | RawService; wire: Wire } | { service?: undefined; wire: Pick<Wire, "error"> });

/** Takes requests to the services: who is it, what is asked for, may they, do it. */
export class Dispatcher {
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Answers a request; never rejects. `undefined`: the answer is lost on its way, as a fault on demand. */
  async answer(request: RawRequest, requestId: string): Promise<RawResponse | undefined> {
    const address = this.#addressOf(request);
    const { wire, dialect, authorization } = address;
    try {
      if (authorization instanceof Refusal) throw authorization;
      if (address.service === undefined) {
        // Before the signature, which such a service may have a way of its own with.
        throw new Refusal("unknownOperation", `The embedded AWS has no service '${authorization.service}'.`);
      }
      const { credentials, parts } = this.#options;
      const principal = await verifySignature(request, authorization, credentials, parts.clock.now());
      const signer = { principal, accessKeyId: authorization.accessKeyId };
      return await this.#call(address.service, address.wire, request, signer, requestId);
    } catch (error) {
      return wire.error(this.#awsErrorOf(error, dialect, "a call"), requestId);
    }
  }

  /** Answers a request whose body is longer than the server takes. */
  refuseTooLarge(request: RawRequest, requestId: string): RawResponse {
    const { dialect, wire } = this.#addressOf(request);
    const refusal = new Refusal("tooLarge", "The request is larger than the 8 MB that are taken.");
    return wire.error(this.#awsErrorOf(refusal, dialect, "a call"), requestId);
  }

  #addressOf(request: RawRequest): Address {
    let authorization: Authorization | Refusal;
    let name: string | undefined;
    try {
      authorization = readAuthorization(request.headers.authorization);
      name = authorization.service;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Who does not sign names no service.
      authorization = error;
    }
    const service = this.#options.services.find(({ signingName }) => signingName === name);
    if (service === undefined) return { authorization, ...strangersWire(request, name) };
    return { authorization, service, wire: wireOf(service), dialect: dialectOf(service) };
  }

  async #call(
    service: Service | RawService,
    wire: Wire,
    request: RawRequest,
    { principal, accessKeyId }: { principal: Principal; accessKeyId: string },
    requestId: string,
  ): Promise<RawResponse | undefined> {
    const { parts, rights, onCall, onSigned, onTraffic } = this.#options;
    const at = parts.clock.now();
    const call = { service: service.signingName, operation: "" };
    let asked: unknown;
    const done = (error?: string, errorMessage?: string) => {
      const durationMs = parts.clock.now() - at;
      const record = { ...call, principal, at, durationMs, ...(error !== undefined && { error }) };
      onCall?.(record);
      const userAgent = request.headers["user-agent"];
      onSigned?.({
        ...{ ...record, accessKeyId, requestId, input: asked },
        ...(userAgent !== undefined && { userAgent }),
        ...(errorMessage !== undefined && { errorMessage }),
      });
    };
    try {
      const { operation, input, needs, perform } = prepare(service, wire, request, { principal, requestId });
      call.operation = operation;
      asked = input;
      const fault = parts.faults?.next(call.service, operation);
      // Only what is handed out for a while can expire: here, the credentials of instances.
      if (fault?.kind === "expired" && principal.kind === "instance") {
        throw new Refusal("expiredToken", "The security token included in the request is expired");
      }
      if (rights?.isHeld(principal)) rights.demand(principal, await needs());
      if (fault?.kind === "throttle") throw new Refusal("throttled", "Rate exceeded");
      if (fault?.kind === "refuse") throw new AwsError(fault.code, fault.message);
      if (fault?.kind === "delay") await new Promise<void>((resolve) => parts.clock.after(fault.ms, resolve));
      const response = await perform();
      if (fault?.kind === "kill") process.kill(process.pid, "SIGKILL");
      onTraffic?.({ operation, request, response });
      done(response.status < 400 ? undefined : (response.headers["x-amzn-errortype"] ?? `HTTP ${response.status}`));
      return fault?.kind === "lose-answer" ? undefined : response;
    } catch (error) {
      const told = this.#awsErrorOf(error, dialectOf(service), `${call.service}.${call.operation}`);
      done(told.code, told.message);
      return wire.error(told, requestId);
    }
  }

  /** What is thrown, as the error that AWS would give; whatever is a fault of this stand-in is logged. */
  #awsErrorOf(error: unknown, dialect: Dialect, what: string): AwsError {
    if (error instanceof AwsError) return error;
    const { log } = this.#options.parts;
    if (error instanceof Refusal) {
      if (error.kind === "unknownOperation") log(error.message);
      return error.in(dialect);
    }
    const told = error instanceof Error ? `${error.message} (${error.stack?.split("\n")[1]?.trim()})` : String(error);
    log(`A defect of the embedded AWS made ${what} fail: ${told}`);
    return new Refusal("defect", "The embedded AWS failed; its log says why.").in(dialect);
  }
}
