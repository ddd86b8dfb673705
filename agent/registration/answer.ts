import {
  isCount,
  isHex64,
  REFUSALS,
  type Refusal,
  readSampleStore,
  SAMPLE_INTERVAL_SECONDS,
  type SampleStore,
  UNKNOWN,
  VERDICTS,
  type Verdict,
} from "../../protocol/index.ts";

/** What the registration function said, in the agent's words. */
export type Answer =
  | {
      kind: "registered";
      generation: number;
      serverPublic: string | undefined;
      sampleIntervalSeconds: number;
      /** Where samples go from now on; undefined where that is not said, or not understood: then where they went. */
      store?: SampleStore | undefined;
      /** What was last judged of this instance, if that is said. */
      verdict?: Verdict | typeof UNKNOWN | undefined;
    }
  | { kind: "refused"; reason: Refusal | typeof UNKNOWN }
  /** Asking the same again soon is of no use: a person must look. */
  | { kind: "rejected"; sentence: string }
  /** Worth trying again. */
  | { kind: "unavailable"; sentence: string };

/**
 * Reads an HTTP answer of the registration function, which may be of another version: what is not known in it is passed
 * over. What cannot be understood is `unavailable`.
 */
export function readAnswer(status: number, body: string): Answer {
  const fields = fieldsOf(body);
  if (status === 400) {
    const field = typeof fields?.field === "string" ? ` (field ${fields.field})` : "";
    return { kind: "rejected", sentence: `The registration function found the request malformed${field}.` };
  }
  if (status === 403) {
    return {
      kind: "unavailable",
      sentence:
        "The registration function does not take this host for an instance of the fleet (HTTP 403). " +
        "Check its instance profile; a new profile can take a minute to be known.",
    };
  }
  if (status === 429 || status >= 500) {
    return { kind: "unavailable", sentence: `The registration function is not available (HTTP ${status}).` };
  }
  if (status !== 200) {
    return {
      kind: "rejected",
      sentence: `The registration URL answered HTTP ${status}. Check KEYTURN_REGISTRATION_URL.`,
    };
  }
  return (
    (fields?.registered === true ? registered(fields) : fields?.registered === false ? refused(fields) : undefined) ?? {
      kind: "unavailable",
      sentence: "The registration URL gave an answer that this agent does not understand.",
    }
  );
}

function registered(fields: Record<string, unknown>): Answer | undefined {
  const { generation, serverPublic, sampleIntervalSeconds } = fields;
  if (!isCount(generation)) return undefined;
  if (!(serverPublic === undefined || isHex64(serverPublic))) return undefined;
  return {
    kind: "registered",
    generation,
    serverPublic,
    sampleIntervalSeconds: intervalFrom(sampleIntervalSeconds),
    store: readSampleStore(fields.store),
    verdict: verdictFrom(fields.verdict),
  };
}

function verdictFrom(given: unknown): Verdict | typeof UNKNOWN | undefined {
  if (typeof given !== "string") return undefined;
  return VERDICTS.find((known) => known === given) ?? UNKNOWN;
}

/** Whoever is registered proves its key, however the interval is written. */
function intervalFrom(given: unknown): number {
  const { default: usual, most } = SAMPLE_INTERVAL_SECONDS;
  return isCount(given) ? Math.min(given, most) : usual;
}

function refused(fields: Record<string, unknown>): Answer | undefined {
  if (typeof fields.reason !== "string") return undefined;
  return { kind: "refused", reason: REFUSALS.find((known) => known === fields.reason) ?? UNKNOWN };
}

function fieldsOf(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // A proxy's or load balancer's page: judged by its status alone.
    return undefined;
  }
}
