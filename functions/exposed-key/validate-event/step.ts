import { accessKeyExposed } from "../../../events/access-key-exposed.ts";
import { guardDutyFinding } from "../../../events/aws/guard-duty-finding.ts";
import { HEALTH_CODES, healthRisk } from "../../../events/aws/health-risk.ts";
import { KEY_FORM } from "../../../events/fields.ts";
import { asGiven } from "../../shared/as-given.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { INVALID_INPUT, StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { MOST_KEYS, MOST_UNFIT, type NamedKey, USER_FORM } from "../forms.ts";
import type { contract } from "./contract.ts";

/** How people are shown what stands in the place of a key, and what kind of event it says that it is. */
const UNFIT = { most: 60, odd: /[\p{C}\p{Zl}\p{Zp}]/gu };
const CODE = { most: 100, odd: UNFIT.odd };

const AN_HOUR_MS = 3600_000;

/** What stands in an event in the place of a key, whatever it is, and whose it says that it is. */
interface Claimed {
  key: unknown;
  user?: unknown;
}

interface Read {
  code: string;
  isKnown: boolean;
  claimed: Claimed[];
}

/**
 * Reads an event: which kind it is by the form of its detail, so that one can be pasted, from whomever it is.
 *
 * @throws StepError InvalidInput where it is no event of these kinds
 */
export async function validateEvent(
  event: InputOf<typeof contract>,
  { now, exposedKeySettings }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { code, isKnown, claimed } = readEvent(event);
  const { then, denySessions, regions, lookBackHours } = exposedKeySettings;
  const { keys, unfit } = sorted(isKnown ? claimed : []);
  return {
    ...{ code: asGiven(code, CODE), isKnown },
    keys: keys.slice(0, MOST_KEYS),
    ...{ unfit: unfit.slice(0, MOST_UNFIT), unfitCount: unfit.length },
    beyond: Math.max(0, keys.length - MOST_KEYS),
    ...{ then, denySessions, regions, from: now() - lookBackHours * AN_HOUR_MS },
  };
}

function readEvent(event: unknown): Read {
  const detail = fieldsOf(fieldsOf(event).detail);
  const read =
    "eventTypeCode" in detail ? ofHealth(detail) : "resource" in detail ? ofGuardDuty(detail) : ofOurs(detail);
  if (read !== undefined) return read;
  const kinds = `AWS Health's, with detail.eventTypeCode and detail.affectedEntities; GuardDuty's, with detail.type and detail.resource; or "${accessKeyExposed.detailType}", with detail.accessKeyId`;
  throw new StepError(INVALID_INPUT, `The input must be a whole event that names access keys: ${kinds}.`);
}

function ofHealth(detail: object): Read | undefined {
  const { success, data } = healthRisk.detail.safeParse(detail);
  if (!success) return undefined;
  const { eventTypeCode: code, affectedEntities = [] } = data;
  const claimed = affectedEntities.map((entity) => ({ key: fieldsOf(entity).entityValue }));
  return { code, isKnown: HEALTH_CODES.includes(code), claimed };
}

function ofGuardDuty(detail: object): Read | undefined {
  const { success, data } = guardDutyFinding.detail.safeParse(detail);
  if (!success) return undefined;
  const { accessKeyId: key, userName, userType } = data.resource.accessKeyDetails ?? {};
  // Of a role or the root user, the name is no IAM user's.
  const claimed = key === undefined ? [] : [{ key, ...(userType === "IAMUser" && { user: userName }) }];
  return { code: data.type, isKnown: data.resource.accessKeyDetails !== undefined, claimed };
}

function ofOurs(detail: Record<string, unknown>): Read | undefined {
  if (!("accessKeyId" in detail)) return undefined;
  return { code: accessKeyExposed.detailType, isKnown: true, claimed: [{ key: detail.accessKeyId }] };
}

/**
 * What is a key's ID, and what is none, each once. It is taken to the letter: capitals and blanks are not mended, since what
 * is guessed might be another one's key, and people are told of what was not understood.
 */
function sorted(claimed: readonly Claimed[]): { keys: NamedKey[]; unfit: string[] } {
  const keys = new Map<string, NamedKey>();
  const unfit = new Set<string>();
  for (const { key, user } of claimed) {
    if (typeof key !== "string" || !KEY_FORM.test(key)) unfit.add(asGiven(key, UNFIT));
    else if (!keys.has(key)) {
      keys.set(key, {
        accessKeyId: key,
        ...(typeof user === "string" && USER_FORM.test(user) && { claimedUser: user }),
      });
    }
  }
  return { keys: [...keys.values()], unfit: [...unfit] };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
