import { demandPassword } from "../shared/demand-password.ts";
import { StepError } from "../shared/errors.ts";
import {
  type Answer,
  AUTHORITY_ERRORS,
  type Authority,
  type AuthoritySettings,
  demandUser,
  type Login,
  type Use,
} from "./authority.ts";

/** What one server knows of a user. */
interface Kept {
  mayLogIn: boolean;
  password: string | undefined;
}

/** One server in memory. */
export interface FakeServer {
  users: Map<string, Kept>;
  /** Who uses it now. */
  uses: Omit<Use, "host">[];
  isAway: boolean;
  /** As whom its logins act, at first and after `DISCARD ALL`; without it, as the owner. */
  actingAs?: { fresh: string; afterDiscard: string };
}

export interface FakeAuthority extends Authority {
  /** By host. What is changed comes to the first at once, and to the others when `catchUp` is called. */
  servers: Map<string, FakeServer>;
  catchUp(): void;
  /** Whether the manager is refused. */
  refusesManager: boolean;
  /** Whether every statement waits in vain for what somebody else has. */
  isBusy: boolean;
  /** Whether its settings do not do, so that none of its servers is asked anything. */
  isUnwilling: boolean;
  /** The same authority, of which each statement of a change passes through what is given: it may fail, or never come back. */
  through(pass: Pass): Authority;
}

/** What has a statement done: to take the lock, to alter, to commit. */
export type Pass = <T>(statement: "lock" | "alter" | "commit", run: () => Promise<T>) => Promise<T>;

/** Has something run so much later, unless the function returned is called before. */
export type After = (ms: number, run: () => void) => () => void;

const inRealTime: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** What it says that it is; the release is that of the server in the tests. */
const RELEASE = "18.4";

/**
 * An authority in memory. Its lock is kept for `lockMs` by whoever has it before the next one gives up.
 *
 * @param lockMs how long a call waits for the credential's lock
 * @param after by whose time it waits
 */
export function fakeAuthority(settings: AuthoritySettings, lockMs = 1000, after = inRealTime): FakeAuthority {
  const { hosts, owner, users } = settings;
  const servers = new Map<string, FakeServer>(
    hosts.map((host) => [
      host,
      { users: new Map(users.map((user) => [user, { mayLogIn: true, password: undefined }])), uses: [], isAway: false },
    ]),
  );
  const serverOf = (host: string) => servers.get(host) as FakeServer;
  const [writer] = hosts;
  let former: Promise<unknown> = Promise.resolve();

  function answer(host: string, { user, password }: Login): Answer {
    if (serverOf(host).isAway) return { host, says: "UNREACHABLE", words: "it is away" };
    const kept = serverOf(host).users.get(user);
    if (password === "" || kept?.password !== password)
      return { host, says: "REFUSED", words: "the password is wrong" };
    if (!kept.mayLogIn) return { host, says: "REFUSED", words: "the user may not log in" };
    return { host, says: "ACCEPTED" };
  }

  /** As whoever makes an authority of settings says with each call. */
  function demandWilling(): void {
    if (!fake.isUnwilling) return;
    throw new StepError(AUTHORITY_ERRORS.unwilling, `The settings of the credential ${settings.credential} do not do.`);
  }

  /** A statement that comes to its turn. */
  function demandFree(host: string): void {
    if (fake.isBusy) throw new StepError(AUTHORITY_ERRORS.busy, `${host}: somebody else is in the way`);
  }

  function asManager(host: string): void {
    demandWilling();
    if (serverOf(host).isAway)
      throw new StepError(AUTHORITY_ERRORS.unreachable, `${host} cannot be reached: it is away`);
    if (!fake.refusesManager) return;
    throw new StepError(AUTHORITY_ERRORS.managerRefused, `${host} refuses the manager: the password is wrong`);
  }

  /** Takes the lock, asks, and changes; one after the other. */
  async function alter(
    user: string,
    kept: Partial<Kept>,
    { mayGoOn, pass }: { mayGoOn: () => Promise<boolean>; pass: Pass },
  ): Promise<boolean> {
    demandUser(user, settings);
    asManager(writer);
    const before = former;
    let giveBack = () => {};
    const own = new Promise<void>((resolve) => {
      giveBack = resolve;
    });
    former = Promise.all([before, own]);
    try {
      await pass("lock", async () => {
        demandFree(writer);
        await within(before);
      });
      if (!(await mayGoOn())) return false;
      await pass("alter", async () => asManager(writer));
      await pass("commit", async () => {
        const now = serverOf(writer).users.get(user) as Kept;
        serverOf(writer).users.set(user, { ...now, ...kept });
      });
      return true;
    } finally {
      giveBack();
    }
  }

  async function within(lock: Promise<unknown>): Promise<void> {
    let cancel = () => {};
    const late = new Promise((_, reject) => {
      const error = new StepError(AUTHORITY_ERRORS.busy, `${writer}: somebody else has the lock`);
      cancel = after(lockMs, () => reject(error));
    });
    await Promise.race([lock, late]).finally(() => cancel());
  }

  const through = (pass: Pass): Authority => ({
    async accepts(login) {
      demandUser(login.user, settings);
      demandWilling();
      return hosts.map((host) => answer(host, login));
    },

    async actsAs(login) {
      demandUser(login.user, settings);
      demandWilling();
      return hosts.map((host) => {
        const said = answer(host, login);
        if (said.says !== "ACCEPTED") {
          const name = said.says === "REFUSED" ? AUTHORITY_ERRORS.loginRefused : AUTHORITY_ERRORS.unreachable;
          throw new StepError(name, `${host}: ${said.words}`);
        }
        demandFree(host);
        const { fresh, afterDiscard } = serverOf(host).actingAs ?? { fresh: owner, afterDiscard: owner };
        return { host, asOwner: fresh === owner && afterDiscard === owner, fresh, afterDiscard, release: RELEASE };
      });
    },

    async usesOf(asked) {
      for (const user of asked) demandUser(user, settings);
      return hosts.flatMap((host) => {
        asManager(host);
        demandFree(host);
        const { uses } = serverOf(host);
        return uses.filter(({ user }) => asked.includes(user)).map((use) => ({ host, ...use }));
      });
    },

    async honour({ user, password }, mayGoOn) {
      demandPassword(password);
      return alter(user, { mayLogIn: true, password }, { mayGoOn, pass });
    },

    async refuse(user, stroke, mayGoOn) {
      const kept = { mayLogIn: false, ...(stroke === "PASSWORD" && { password: undefined }) };
      return alter(user, kept, { mayGoOn, pass });
    },
  });

  const fake: FakeAuthority = {
    ...through((_, run) => run()),
    servers,
    refusesManager: false,
    isBusy: false,
    isUnwilling: false,
    through,
    catchUp() {
      for (const host of hosts) serverOf(host).users = new Map(serverOf(writer).users);
    },
  };
  return fake;
}
