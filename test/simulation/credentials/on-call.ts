import { stands } from "../../../functions/findings/finding.ts";
import type { CredentialSettings } from "../../../functions/shared/credential-settings.ts";
import type { Ground } from "../ground.ts";
import type { Mail } from "../operator.ts";
import type { Shared } from "./shared.ts";

/** What of a fleet he has to do with. */
type Fleet = Pick<Ground, "world"> & { readonly shared: Shared };

/** What mails about credentials say to type, in AWS's own words. */
const PUT_EVENTS = /aws events put-events --entries '([^']+)'/g;
const ROTATE = /aws secretsmanager rotate-secret --secret-id (\S+)/g;
const ABOUT = /^Keyturn: (\w+) on (\S+)/;
/** `Behind: web at 10.0.3.17 (0a1b2c): uses the former one`, of which the label stands on the first line alone. */
const BEHIND = /^(?:Behind:)?\s+([\w-]+)(?: at \S+)?(?: \([^)]*\))?: (?:uses|was not seen|is none of)/gm;

/** Whoever is on call does what a mail about a credential says: what he did, one sentence each. */
export function doOfCredential({ subject, text }: Mail, fleet: Fleet): string[] {
  const { world, shared } = fleet;
  const [, cause = "", about = ""] = ABOUT.exec(subject) ?? [];
  const credential = shared.all.find(({ name }) => name === about);
  if (credential === undefined) return [];
  const { name } = credential;
  const done: string[] = [];
  if (cause === "RotationSwitchedOff") {
    // By rotate-secret with the function, as the runbook's section has it, which also turns it.
    void shared.rotate(credential);
    done.push(`switches the rotation of ${name} on again`);
  }
  if (cause === "SecretOpened") {
    world.secrets.keep(name, { policy: undefined });
    void shared.rotate(credential);
    done.push(`takes the policy of ${name} off, and has it rotated`);
  }
  if (cause === "TokenLifetimeDiffers" && credential.kind === "token") {
    // The issuer gives what is set from now on, and the next token shows it.
    world.authorities.issuerOf(credential).lifetimeSeconds = credential.lifetimeSeconds;
    void shared.rotate(credential);
    done.push(`has the issuer of ${name} give the life that is set, and has it rotated`);
  }
  for (const [, who] of cause === "ConsumersBehind" ? text.matchAll(BEHIND) : []) {
    for (const one of shared.consumers.filter((each) => each.secret === name && each.name === who)) shared.restart(one);
    done.push(`starts ${who} again`);
  }
  // What is refused nobody can move to: the cause says what it takes then.
  if (cause === "ConsumersBehind" && isOpen("CredentialMismatch", name, world)) {
    done.push(ask({ secret: name, heal: true }, credential, fleet));
  }
  for (const [, entries = "[]"] of text.matchAll(PUT_EVENTS)) {
    for (const { Detail } of JSON.parse(entries)) done.push(ask(JSON.parse(Detail), credential, fleet));
  }
  for (const [, secret = ""] of text.matchAll(ROTATE)) {
    void shared.rotate({ name: secret });
    done.push(`has ${secret} rotated`);
  }
  return done;
}

function isOpen(cause: string, secret: string, { findings }: Fleet["world"]): boolean {
  const found = findings.all.get(`${secret} ${cause}`);
  return found !== undefined && stands(found);
}

/** Asks for a turn; where consumers are behind as well, nobody can move to what is refused, and it takes `force` to heal it. */
function ask(
  detail: { secret: string; heal?: boolean },
  credential: CredentialSettings,
  { world, shared }: Fleet,
): string {
  const force = detail.heal === true && isOpen("ConsumersBehind", detail.secret, world);
  if (force) void shared.lockOut(credential);
  const asked = { ...detail, ...(force && { force }) };
  shared.request(asked);
  return `asks for a turn: ${JSON.stringify(asked)}`;
}
