import { fakeAuthority } from "../../../functions/clients/authority.fake.ts";
import type { AuthoritySettings } from "../../../functions/clients/authority.ts";
import { authoritySuite, SETTINGS } from "./authority.suite.ts";

authoritySuite(() => {
  const settings: AuthoritySettings = { ...SETTINGS, hosts: ["writer.example", "reader.example"], port: 5432 };
  const authority = fakeAuthority(settings, 1000);
  const serverOf = (host: string) => {
    const server = authority.servers.get(host);
    if (server === undefined) throw new Error(`There is no server ${host}`);
    return server;
  };
  return {
    authority,
    settings,
    catchUp: async () => authority.catchUp(),
    connect: async (host, { user }, application) => {
      const { uses } = serverOf(host);
      const use = { user, application, address: "127.0.0.1", since: Date.now() };
      uses.push(use);
      return {
        works: async () => uses.includes(use),
        end: async () => {
          uses.splice(uses.indexOf(use), 1);
        },
      };
    },
    away: async (host, isAway) => {
      serverOf(host).isAway = isAway;
    },
    refuseManager: async (isRefused) => {
      authority.refusesManager = isRefused;
    },
  };
});
