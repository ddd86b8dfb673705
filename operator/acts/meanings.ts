import { EXIT } from "../exits.ts";
import type { Meanings } from "./results.ts";

const code = EXIT.refused;
const RETIRED = { code, said: "It is retired: its keys are erased, and its ID is never used again." };
const QUARANTINED = { code, said: "It is in quarantine, and is not turned: `keyturn release` lets it out." };
const NEW = {
  code,
  said: "It is new beside a former record of its host, and is turned by itself when that has fallen silent.",
};

/** Of which generation its key is, and what hooks on the instance did not do. */
function fresh({ generation, hooksFailed }: Record<string, unknown>): string {
  const holds = `It holds a fresh key${generation === undefined ? "" : `, of generation ${generation}`}.`;
  const failed = Array.isArray(hooksFailed) ? hooksFailed.map(String).join(", ") : "";
  return failed === "" ? holds : `${holds} Hooks that failed there: ${failed}.`;
}

const QUARANTINE: Meanings = {
  QUARANTINED: { said: "Its key is not turned, and it can register nothing, until `keyturn release`." },
  RETIRED,
};

const RELEASE: Meanings = {
  RELEASED: { said: "It is turned again as before." },
  NOT_QUARANTINED: { said: "It was not in quarantine: there was nothing to do." },
  RETIRED,
};

const RETIRE: Meanings = { RETIRED: { said: "Its keys are erased for good." } };

const REKEY: Meanings = {
  REKEYED: { said: fresh },
  WAITING: { said: "The rekey stands, and is pushed when its host is up again." },
  RETIRED,
  QUARANTINED,
  NEW,
};

const ROTATE: Meanings = {
  ROTATED: { said: fresh },
  SUPERSEDED: { said: "Another execution was faster, and has turned its key." },
  WAITING: {
    code,
    said: "It was not turned: its host is stopped or has just started. It is turned by itself when it proves its key again.",
  },
  REKEYING: { code, said: "It was not turned: a rekey of it stands, which another execution pushes." },
  RETIRED,
  QUARANTINED,
};

const SECRET: Meanings = {
  ROTATED: { said: "It was turned, its consumers have moved, and the former one is retired." },
  SUPERSEDED: { said: "Another rotation was faster, and has turned it." },
};

const DRILL: Meanings = {
  DRILLED: { said: "A mail was sent that says it is a drill: look whether it arrives." },
  GATHERED: { said: "There were many drills within ten minutes: this one stands in the mail that gathers them." },
};

/** What the outcomes of the flows mean, by what was asked for. */
export const MEANINGS = {
  quarantine: QUARANTINE,
  release: RELEASE,
  retire: RETIRE,
  rekey: REKEY,
  rotate: ROTATE,
  secret: SECRET,
  drill: DRILL,
};
