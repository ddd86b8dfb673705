import type { Authorities } from "../../functions/clients/authorities.ts";

/** Where a call is held up: before it has the credential's lock, or under it, between the look at the labels and the SQL. */
export const PLACES = ["before the lock", "between the labels and the SQL"] as const;

export type Place = (typeof PLACES)[number];

/** Holds one call up until it is let go. */
export class Gate {
  readonly #arrived = Promise.withResolvers<void>();
  readonly #open = Promise.withResolvers<void>();

  /** Ends when the call has come. */
  get arrived(): Promise<void> {
    return this.#arrived.promise;
  }

  letGo(): void {
    this.#open.resolve();
  }

  async pass(): Promise<void> {
    this.#arrived.resolve();
    await this.#open.promise;
  }
}

/** The same authorities, of which whatever changes them is held up at a gate. */
export function heldAuthorities(authorities: Authorities, place: Place, gate: Gate): Authorities {
  /** Calls what changes the authority, past the gate. */
  async function held(change: (mayGoOn: () => Promise<boolean>) => Promise<boolean>, mayGoOn: () => Promise<boolean>) {
    if (place === "before the lock") {
      await gate.pass();
      return change(mayGoOn);
    }
    return change(async () => {
      const may = await mayGoOn();
      await gate.pass();
      return may;
    });
  }
  return {
    issuerOf: authorities.issuerOf,
    of(credential) {
      const authority = authorities.of(credential);
      return {
        ...authority,
        honour: (login, mayGoOn) => held((may) => authority.honour(login, may), mayGoOn),
        refuse: (user, stroke, mayGoOn) => held((may) => authority.refuse(user, stroke, may), mayGoOn),
      };
    },
  };
}
