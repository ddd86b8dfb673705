import { judgeOf } from "../../../functions/clients/authorities.ts";
import type { FakeAuthority } from "../../../functions/clients/authority.fake.ts";
import type { Answer } from "../../../functions/clients/authority.ts";
import type { CredentialRecord } from "../../../functions/credential/record.ts";
import { readLogin } from "../../../functions/credential/secret-value.ts";
import type { CredentialSettings } from "../../../functions/shared/credential-settings.ts";
import type { Consumer } from "../../harness/consumer.ts";
import type { Ground } from "../ground.ts";
import { A_DAY_MS, AN_HOUR_MS } from "../times.ts";

/** More than two looks of the watch, since what may be over in a moment is told with the second one, and the turn that the first asks for. */
const TWO_LOOKS_MS = 2 * AN_HOUR_MS;
/** Whatever people are told of a secret. */
const ANY: string[] = [];
/** How long a version may be pending: Secrets Manager and the watch try it again meanwhile. */
const PENDING_MS = 3 * AN_HOUR_MS;
/** How long after it was asked for a turn may take that nothing is in the way of. */
const TURN_MS = 3 * AN_HOUR_MS;

/** Something that is wrong with a credential for as long as it is found so, of which people must be told. */
interface Trouble {
  causes: string[];
  because: string;
  withinMs: number;
}

/** What is known beside: since when consumers are off, and when the schedule had a secret rotated last. */
interface Known {
  offSince: Map<Consumer, number>;
  askedAt: Map<string, number>;
}

/** What is wrong with a credential now, whatever Keyturn has noticed of it. */
export async function troublesOf(
  credential: CredentialSettings,
  { world, now }: Ground,
  { offSince, askedAt }: Known,
): Promise<Trouble[]> {
  const { name } = credential;
  const stages = await world.secrets.stages(name);
  const kept = await world.secrets.oversight(name);
  const record = world.credentials.records.get(name);
  const login = readLogin(stages?.current && (await world.secrets.read(name, stages.current)), credential);
  const says = login && (await judgeOf(credential, world.authorities).accepts(login));
  // Nobody can look for them while who honours it is away.
  const isAway = says?.some((one) => one.says === "UNREACHABLE") === true;
  const unseen = world.consumers.filter(
    (one) => !isAway && one.secret === name && now - (offSince.get(one) ?? now) > A_DAY_MS,
  );
  const isNamed = (consumer: string) => credential.consumers.some((one) => one.name === consumer);
  return [
    ...ofLogin(says),
    ...(credential.kind === "database" ? ofDatabase(world.authorities.of(credential)) : []),
    ...(kept?.rotatedBy === undefined
      ? [{ causes: ["RotationSwitchedOff"], because: "its rotation is switched off", withinMs: TWO_LOOKS_MS }]
      : []),
    ...(kept?.policy === undefined
      ? []
      : [{ causes: ["SecretOpened"], because: "its policy lets others in", withinMs: TWO_LOOKS_MS }]),
    ...(unseen.some((one) => isNamed(one.name))
      ? [{ causes: ["ConsumerUnseen"], because: "a consumer is off for a day", withinMs: TWO_LOOKS_MS }]
      : []),
    ...(record === undefined ? [] : ofTurn(record, stages ?? {}, { credential, now, askedAt: askedAt.get(name) ?? 0 })),
  ];
}

/** What the authority says of the current one. */
function ofLogin(says: Answer[] | undefined): Trouble[] {
  const isSaid = (what: Answer["says"]) => says?.some((one) => one.says === what) === true;
  const away = { causes: ["AuthorityUnreachable"], because: "who honours it is away", withinMs: TWO_LOOKS_MS };
  if (isSaid("UNREACHABLE")) return [away];
  const refused = { causes: ["CredentialMismatch"], because: "the current one is refused", withinMs: TWO_LOOKS_MS };
  return says === undefined || isSaid("REFUSED") ? [refused] : [];
}

/** Of a database that can be reached, what its manager meets. */
function ofDatabase({ servers, refusesManager, isBusy }: FakeAuthority): Trouble[] {
  if ([...servers.values()].some(({ isAway }) => isAway)) return [];
  const refused = { causes: ["ManagerRefused"], because: "its manager is refused", withinMs: TWO_LOOKS_MS };
  const busy = { causes: ["AuthorityBusy"], because: "its lock is held", withinMs: TWO_LOOKS_MS };
  return refusesManager ? [refused] : isBusy ? [busy] : [];
}

/** Turns that do not come about, or not to their end. */
function ofTurn(
  { current, predecessor, confirmed }: CredentialRecord,
  stages: { current?: string | undefined; pending?: string | undefined },
  { credential, now, askedAt }: { credential: CredentialSettings; now: number; askedAt: number },
): Trouble[] {
  const { deadlineSeconds } = credential;
  const since = current?.since ?? now;
  const isLate = predecessor !== undefined && now > since + deadlineSeconds * 1000;
  const isOver = (predecessor?.life?.to ?? Number.POSITIVE_INFINITY) <= now;
  const isMoved = ![current?.versionId, confirmed?.versionId].includes(stages.current);
  const isPending = stages.pending !== undefined && stages.pending !== stages.current;
  const { lifetimeSeconds = 0 } = credential.kind === "token" ? credential : {};
  const given = current?.life === undefined ? lifetimeSeconds : (current.life.to - current.life.from) / 1000;
  const isOther = Math.abs(given - lifetimeSeconds) > lifetimeSeconds / 5;
  const isUnturned = askedAt > since && now > askedAt + TURN_MS;
  return [
    ...(isLate && !isOver
      ? [{ causes: ANY, because: "who is behind has not moved in time", withinMs: 2 * AN_HOUR_MS }]
      : []),
    ...(isOther ? [{ causes: ["TokenLifetimeDiffers"], because: "its life is another", withinMs: TWO_LOOKS_MS }] : []),
    ...(isMoved
      ? [{ causes: ["MovedByOthers"], because: "somebody has moved its label", withinMs: TWO_LOOKS_MS }]
      : []),
    ...(isPending ? [{ causes: ANY, because: `${stages.pending} is pending`, withinMs: PENDING_MS }] : []),
    ...(isUnturned ? [{ causes: ANY, because: "it was to be turned, and was not", withinMs: TURN_MS }] : []),
  ];
}
