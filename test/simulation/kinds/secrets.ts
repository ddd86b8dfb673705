import { type Fault, SLOW_KINDS } from "../../harness/calls.ts";
import type { Draw } from "../draw.ts";
import { kind } from "../kind.ts";
import { A_SECOND_MS } from "../times.ts";

const anyone = (draw: Draw) => draw.integer(0, 999);

/** Somebody asks for a rotation, once or twice, at whatever moment: at Secrets Manager, or by an event with more than that. */
export const rotationAsked = kind<{ credential: number; by: "hand" | "event" | "heal" | "force"; times: 1 | 2 }>({
  rate: { perDay: 0.8 },
  draw: (draw) => ({
    credential: anyone(draw),
    by: draw.one(["hand", "hand", "event", "heal", "force"] as const),
    times: draw.one([1, 2] as const),
  }),
  async befall({ credential, by, times }, { shared }) {
    const settings = shared.credential(credential);
    const { name: secret } = settings;
    if (by === "force") await shared.lockOut(settings, times);
    for (let n = 0; n < times; n += 1) {
      if (by === "hand") void shared.rotate(settings);
      else shared.request({ secret, ...(by !== "event" && { [by]: true }) });
    }
  },
});

/** Somebody takes AWSPENDING off by hand, perhaps in the middle of a rotation that he has asked for. */
export const pendingTakenOff = kind<{ credential: number; afterMs: number }>({
  rate: { perDay: 0.4 },
  draw: (draw) => ({ credential: anyone(draw), afterMs: draw.one([0, draw.span(1, 300 * A_SECOND_MS)]) }),
  async befall({ credential, afterMs }, fleet) {
    const { world, shared } = fleet;
    const { name } = shared.credential(credential);
    const takeOff = async () => {
      const { pending, current } = (await world.secrets.stages(name)) ?? {};
      if (pending !== undefined && pending !== current) await world.secrets.dropPending(name, pending);
    };
    await shared.rotate({ name });
    if (afterMs === 0) return takeOff();
    fleet.later(afterMs, () => void takeOff());
  },
});

/** Somebody writes a value that is not Keyturn's: into the version that is to come, or as the current one. */
export const valueWritten = kind<{ credential: number; where: "pending" | "current"; what: "no login" | "a login" }>({
  rate: { perDay: 0.4 },
  draw: (draw) => ({
    credential: anyone(draw),
    where: draw.one(["pending", "current"] as const),
    what: draw.one(["no login", "a login"] as const),
  }),
  async befall({ credential, where, what }, { world, shared }) {
    const settings = shared.credential(credential);
    const { name, kind: sort, users } = settings;
    const password = `made-up-${shared.newVersion()}`;
    const login = sort === "token" ? { access_token: password } : { username: users[0], password };
    const value = JSON.stringify(what === "a login" ? login : { note: "not a login" });
    const version = shared.newVersion();
    if (where === "current") {
      // Neither what he wrote nor whoever follows it is Keyturn's to answer for.
      world.revoked.add(version);
      world.revoked.add(password);
      await shared.hurry(settings);
      return world.secrets.putCurrent(name, version, value);
    }
    await shared.rotate({ name });
    const { pending = "" } = (await world.secrets.stages(name)) ?? {};
    await world.secrets.putPending(name, pending, value);
  },
});

/** Somebody switches a secret's rotation off, or has its policy let others in. */
export const secretKept = kind<{ credential: number; how: "switched off" | "opened" }>({
  rate: { perDay: 0.2 },
  draw: (draw) => ({ credential: anyone(draw), how: draw.one(["switched off", "opened"] as const) }),
  befall({ credential, how }, { world, shared }) {
    const { name } = shared.credential(credential);
    const all = { Effect: "Allow", Principal: "*", Action: "secretsmanager:GetSecretValue", Resource: "*" };
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [all] });
    world.secrets.keep(name, how === "opened" ? { policy } : { rotatedBy: undefined });
  },
});

/** What steps call when they turn credentials. */
const CALLS = [
  ...["secrets.stages", "secrets.read", "secrets.putPending", "secrets.promote", "secrets.dropPending"],
  ...["secrets.askForRotation", "secrets.oversight", "credentials.find", "credentials.write", "authority.lock"],
  ...["authority.alter", "authority.commit", "authority.accepts", "authority.actsAs", "authority.usesOf"],
  ...["issuer.issue", "issuer.revoke", "issuer.accepts", "uses.of", "executions.find"],
] as const;
const WHAT = ["dies", "loses", "aborted", ...SLOW_KINDS] as const;

/** The next call of that name is lost, throttled or takes long; or whoever makes it dies, or its execution is stopped. */
export const credentialCallStruck = kind<Fault>({
  rate: { perDay: 4 },
  draw: (draw) => {
    const call = draw.one(CALLS);
    const [when, what] = [draw.one(["before", "after"] as const), draw.one(WHAT)];
    // Of an issuer with one token a key, what it is asked for late ends the one that it gave since, which nobody can keep from
    // it: test/harness/token-held.test.ts has what comes of that.
    const isLate = call === "issuer.issue" && when === "before" && what === "hangs";
    return { call, when, what: isLate ? "loses" : what };
  },
  befall: (fault, { world }) => void world.calls.faults.push({ ...fault }),
});
