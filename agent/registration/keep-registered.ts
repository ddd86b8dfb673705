import { SAMPLE_INTERVAL_SECONDS, type SampleStore } from "../../protocol/index.ts";
import { backoff, type Fraction } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { sentenceOf } from "../failure.ts";
import type { Metadata } from "../metadata.ts";
import type { Identity } from "../state/identity-file.ts";
import type { Progress } from "../state/progress.ts";
import { MEANING } from "./meaning.ts";
import { type Outcome, type RegisterParts, registerOnce } from "./register.ts";

export interface KeepRegisteredParts extends RegisterParts {
  metadata: Pick<Metadata, "ip">;
  clock: Clock;
  fraction: Fraction;
  progress: Progress;
  /** Called after each registration with what the control plane asks for. */
  onRegistered: (told: { sampleIntervalSeconds: number; store?: SampleStore | undefined }) => Promise<void>;
}

/** The loop that registers, and what others may tell it. */
export interface Registering {
  /**
   * Registers soon although nothing has changed here: AWS does not take samples where they go, and the answer may name
   * another place. Asked again and again, it does so ever more rarely.
   */
  again(): void;
  /** Goes on until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

const TRY_AGAIN = { firstMs: 1_000, mostMs: 60_000 };
const WAIT_FOR_A_PERSON_MS = 5 * 60_000;
/** At least daily, and a fleet that started together not all at once. */
const REGISTER_AGAIN = { mostMs: 24 * 3_600_000, spreadMs: 2 * 3_600_000 };
/** When it is asked to: within so long, so that a fleet does not come at once; and then not again for so long. */
const ASKED_TO = { withinMs: 15_000, firstMs: 60_000, mostMs: 15 * 60_000 };
/** So many IDs taken in a row are no accident of a busy fleet: then it waits before it draws again. */
const DRAWS_AT_ONCE = 3;

/**
 * Registers at boot, then looks at the instance's address each interval and registers an update when it has changed, and
 * at least daily: so it is noticed here when the record was lost, restored or retired. Goes on, however often AWS is away.
 */
export function keepRegistered(parts: KeepRegisteredParts, identity: Identity): Registering {
  const { metadata, clock, fraction, progress, log } = parts;
  let known = identity;
  let registeredIp: string | undefined;
  /** When an update is due although nothing has changed, by the monotonic clock. */
  let dueAt = 0;
  let intervalMs = SAMPLE_INTERVAL_SECONDS.default * 1000;
  let failures = 0;
  let sleeping = new AbortController();
  /** How often it was asked to register again, and until when it does not hear it, by the monotonic clock. */
  let asked = 0;
  let deafUntil = 0;

  async function attempt(signal: AbortSignal): Promise<number> {
    const ip = await metadata.ip(signal);
    if (ip === registeredIp && clock.monotonic() < dueAt) {
      // What was noted as trouble, the metadata service that was away, is over.
      if (failures > 0) await progress.note({ trouble: undefined });
      failures = 0;
      return untilNextLook();
    }
    const { identity: now, outcome } = await registerOnce(parts, known, ip, signal);
    known = now;
    if (outcome.kind === "registered") {
      const { sampleIntervalSeconds, store, verdict } = outcome;
      registeredIp = ip;
      dueAt = clock.monotonic() + REGISTER_AGAIN.mostMs - Math.floor(fraction() * REGISTER_AGAIN.spreadMs);
      intervalMs = sampleIntervalSeconds * 1000;
      log.info("Registered.", { ...naming(known), generation: outcome.generation, ip });
      await progress.note({ registeredAt: clock.now(), ip, sampleIntervalSeconds, verdict, trouble: undefined });
      await parts.onRegistered({ sampleIntervalSeconds, store });
    }
    return waitAfter(outcome);
  }

  function untilNextLook(): number {
    return Math.min(intervalMs, dueAt - clock.monotonic());
  }

  async function waitAfter(outcome: Outcome): Promise<number> {
    if (outcome.kind === "registered") {
      failures = 0;
      return untilNextLook();
    }
    failures += 1;
    if (outcome.kind === "drawn-again") return failures <= DRAWS_AT_ONCE ? 0 : backoff(failures, TRY_AGAIN, fraction);
    if (outcome.kind === "unavailable") {
      const waitMs = backoff(failures, TRY_AGAIN, fraction);
      log.warn(`Not registered: ${outcome.sentence}`, { ...naming(known), waitMs });
      await progress.note({ trouble: `Not registered: ${outcome.sentence}` });
      return waitMs;
    }
    const sentence = outcome.kind === "refused" ? MEANING[outcome.reason] : outcome.sentence;
    const reason = outcome.kind === "refused" ? { reason: outcome.reason } : {};
    log.error(`Registration refused: ${sentence}`, { ...naming(known), ...reason, waitMs: WAIT_FOR_A_PERSON_MS });
    await progress.note({ trouble: `Registration refused: ${sentence}` });
    return WAIT_FOR_A_PERSON_MS;
  }

  return {
    again() {
      const now = clock.monotonic();
      // Whoever has not registered yet is about to, as soon as it may.
      if (registeredIp === undefined || failures > 0 || now < deafUntil) return;
      asked = now > deafUntil + ASKED_TO.mostMs ? 1 : asked + 1;
      deafUntil = now + Math.min(ASKED_TO.mostMs, ASKED_TO.firstMs * 2 ** (asked - 1));
      dueAt = Math.min(dueAt, now + Math.floor(fraction() * ASKED_TO.withinMs));
      sleeping.abort();
    },
    async run(signal) {
      while (!signal.aborted) {
        let waitMs: number;
        try {
          waitMs = await attempt(signal);
        } catch (error) {
          if (signal.aborted) return;
          waitMs = await waitAfter({ kind: "unavailable", sentence: sentenceOf(error) });
        }
        sleeping = new AbortController();
        await clock.sleep(waitMs, AbortSignal.any([signal, sleeping.signal]));
      }
    },
  };
}

function naming(identity: Identity): { id: string; ec2InstanceId: string } {
  return { id: identity.id, ec2InstanceId: identity.ec2InstanceId };
}
