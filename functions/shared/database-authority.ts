import {
  type Acting,
  type Answer,
  AUTHORITY_ERRORS,
  type Authority,
  type AuthoritySettings,
  demandUser,
  type Login,
  type Use,
} from "../clients/authority.ts";
import { failedAs, NoSession } from "./database-sessions.ts";

/** What a kind of database does on one of its servers. Each makes sessions of its own. */
export interface Server {
  /** @throws NoSession where the login is not let in */
  logIn(login: Login, host: string): Promise<unknown>;
  /** @throws NoSession likewise */
  actingOn(login: Login, host: string): Promise<Acting>;
  usesOn(host: string, users: readonly string[]): Promise<Use[]>;
}

/** What an authority asks its servers, each of them, for users of the credential alone; what it changes is its own. */
export function askingServers(
  settings: AuthoritySettings,
  { logIn, actingOn, usesOn }: Server,
): Pick<Authority, "accepts" | "actsAs" | "usesOf"> {
  const { hosts } = settings;
  return {
    async accepts(login) {
      demandUser(login.user, settings);
      return Promise.all(
        hosts.map(async (host): Promise<Answer> => {
          try {
            await logIn(login, host);
            return { host, says: "ACCEPTED" };
          } catch (error) {
            if (!(error instanceof NoSession)) throw error;
            return { host, says: error.isRefusal ? "REFUSED" : "UNREACHABLE", words: error.message };
          }
        }),
      );
    },

    async actsAs(login) {
      demandUser(login.user, settings);
      const failed = failedAs(AUTHORITY_ERRORS.loginRefused, `the user ${login.user}`);
      return Promise.all(hosts.map((host) => actingOn(login, host).catch(failed)));
    },

    async usesOf(users) {
      for (const user of users) demandUser(user, settings);
      const seen = await Promise.all(hosts.map((host) => usesOn(host, users)));
      return seen.flat();
    },
  };
}
