import { kind } from "../kind.ts";
import { A_MINUTE_MS } from "../times.ts";

const SIX_HOURS_MS = 6 * 60 * A_MINUTE_MS;

/** A database cannot be reached, wholly or by one of its servers. */
export const databaseAway = kind<{ which: "writer" | "reader" | "all"; ms: number }>({
  rate: { perDay: 0.4 },
  draw: (draw) => ({
    which: draw.one(["writer", "reader", "all"] as const),
    ms: draw.span(A_MINUTE_MS, SIX_HOURS_MS),
  }),
  befall({ which, ms }, fleet) {
    const { servers } = fleet.world.authorities.of(fleet.shared.database);
    const [writer, ...readers] = [...servers.values()];
    const away = [...(which === "reader" ? [] : [writer]), ...(which === "writer" ? [] : readers)];
    for (const server of away) if (server) server.isAway = true;
    fleet.later(ms, () => {
      for (const server of away) if (server) server.isAway = false;
    });
  },
});

/** What the writer commits does not come to its readers for a while. */
export const replicaBehind = kind<{ ms: number }>({
  rate: { perDay: 0.4 },
  draw: (draw) => ({ ms: draw.span(A_MINUTE_MS, SIX_HOURS_MS) }),
  befall({ ms }, fleet) {
    const database = fleet.world.authorities.of(fleet.shared.database);
    const { catchUp } = database;
    database.catchUp = () => undefined;
    fleet.later(ms, () => {
      database.catchUp = catchUp;
      catchUp();
    });
  },
});

/** A database does not do what it is asked: its manager is refused, or somebody else is in the way all the time. */
export const databaseRefuses = kind<{ how: "refusesManager" | "isBusy"; ms: number }>({
  rate: { perDay: 0.3 },
  draw: (draw) => ({
    how: draw.one(["refusesManager", "isBusy"] as const),
    ms: draw.span(A_MINUTE_MS, SIX_HOURS_MS),
  }),
  befall({ how, ms }, fleet) {
    const database = fleet.world.authorities.of(fleet.shared.database);
    database[how] = true;
    fleet.later(ms, () => {
      database[how] = false;
    });
  },
});

/** Somebody sets the password of one of the two users by hand, and tells nobody: whoever has the one before is refused. */
export const passwordChanged = kind<{ user: 0 | 1 }>({
  rate: { perDay: 0.3 },
  draw: (draw) => ({ user: draw.one([0, 1] as const) }),
  befall({ user }, { world, shared }) {
    const { users } = shared.database;
    for (const server of world.authorities.of(shared.database).servers.values()) {
      const before = server.users.get(users[user])?.password;
      if (before !== undefined) world.revoked.add(before);
      server.users.set(users[user], { mayLogIn: true, password: `by hand, ${world.revoked.size}` });
    }
  },
});
