import { beforeAll, describe, expect, test } from "vitest";
import { STEPS } from "../../../functions/steps.ts";
import {
  type AuditLine,
  auditFaults,
  sealDigest as digestOfSeal,
  type KnownSeal,
  type Seal,
} from "../../../protocol/index.ts";
import type { Host } from "../../harness/host.ts";
import { World } from "../../harness/world.ts";
import { hashed, hashedAnew } from "../../protocol/audit-chains.ts";
import { EC2, OTHER_EC2 } from "../support.ts";

// Nine days of two instances, with the real steps and flows, each step run twice; and what an auditor finds afterwards.

const A_DAY_MS = 24 * 3600 * 1000;

/** As a Lambda runs again whose answer was lost: all that it did is done once more, a moment later. */
function runEachStepTwice(world: World): void {
  for (const { flow, name } of STEPS) {
    world.functions.replaced.set(`${flow}/${name}`, (step) => async (input, neighbours) => {
      await step(input, neighbours);
      const { now, ...others } = neighbours as { now?: () => number };
      return step(input, { ...others, ...(now && { now: () => now() + 5 }) } as never);
    });
  }
}

async function registered(world: World, ec2InstanceId: string): Promise<{ host: Host; id: string }> {
  const host = world.newHost(ec2InstanceId);
  const registering = world.register(host);
  await world.settle();
  expect(await registering).toBe("registered");
  return { host, id: (await host.keyFile())?.id ?? "" };
}

let id: string;
let other: string;
let world: World;
/** As it lay in the table when the second day was sealed. */
let ofYesterday: { lines: AuditLine[]; seals: Seal[] };
beforeAll(async () => {
  world = new World();
  runEachStepTwice(world);
  const executed = async (...start: Parameters<World["start"]>) => {
    world.start(...start);
    await world.settle();
  };
  const first = await registered(world, EC2);
  ({ id } = first);
  ({ id: other } = await registered(world, OTHER_EC2));
  await executed("watch", {});

  // The second day: by the fleet, by hand in vain, by hand, shut and opened.
  await world.pass(A_DAY_MS);
  await executed("watch", {});
  await executed("fleet-rotation", { trigger: "schedule" }, "run-1");
  const { turn } = first.host;
  first.host.turn = async () => ({ output: "Segmentation fault", success: false });
  await executed("rotation", { id, requestedBy: "Bob", trigger: "by hand" }, "by-bob");
  first.host.turn = turn;
  await executed("rotation", { id, requestedBy: "Ann", trigger: "by hand" }, "by-ann");
  await executed("operate", { act: "quarantine", id, requestedBy: "Ann", reason: "a leak" }, "shut");
  await executed("operate", { act: "release", id, requestedBy: "Ann", reason: "none after all" }, "open");

  await world.pass(A_DAY_MS);
  await executed("watch", {});
  ofYesterday = await everything();
  first.host.state = "terminated";
  await executed("operate", { act: "retire", id, requestedBy: "Ann" }, "gone");

  for (let day = 4; day <= 9; day += 1) {
    await world.pass(A_DAY_MS);
    await executed("watch", {});
  }
}, 60_000);

/** All that an auditor reads from the table. */
async function everything(): Promise<{ lines: AuditLine[]; seals: Seal[] }> {
  const { lines } = await world.audit.lines(id);
  return { lines: [...lines, ...(await world.audit.lines(other)).lines], seals: (await world.audit.seals()).seals };
}

/** What the function that seals has written into its log. */
function inTheLog(): KnownSeal[] {
  const sealed = world.journal.lines.filter((line) => line.startsWith("sealed "));
  return sealed.map((line) => JSON.parse(line.slice("sealed ".length)));
}

/** What people have in their mails. */
function inTheMail(): KnownSeal[] {
  return world.mail.sent.flatMap(({ text }) => {
    const [, digest, day] = /^Seal: +(\w{64}), of (.+)$/m.exec(text) ?? [];
    return digest && day ? [{ digest, day }] : [];
  });
}

/** The newest mail vouches for all before it. */
const newestMail = () => inTheMail().slice(-1);

async function found(changes: { lines?: AuditLine[]; seals?: Seal[]; known?: KnownSeal[] }): Promise<string[]> {
  const faults = auditFaults({ ...(await everything()), known: newestMail(), ...changes });
  return faults.map(({ what, subject = "", n = "", day = "" }) => [what, subject, n, day].filter(Boolean).join(" "));
}

const own = async () => (await world.audit.lines(id)).lines;
const others = async () => (await world.audit.lines(other)).lines;
const detailsOf = ({ details }: AuditLine) => JSON.parse(details);
const TO_THE_RETIREMENT = "2026-11-22";

describe("the lines", () => {
  test("are there for each act, in order, and none of them twice", async () => {
    const lines = await own();
    const acts = ["registered", "promoted", "failed", "promoted", "quarantined", "released", "retired"];
    expect(lines.map(({ n, act }) => `${n} ${act}`)).toEqual(acts.map((act, index) => `${index + 1} ${act}`));
    expect((await others())[0]).toMatchObject({ n: 1, act: "registered" });
    const { auditHead, auditDue } = (await world.registry.find(id)) ?? {};
    expect({ auditHead, auditDue }).toMatchObject({ auditHead: { n: 7, digest: lines[6]?.digest }, auditDue: [] });
  });

  test("say who asked, by what, in which run and execution, and what came of it", async () => {
    const hex = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect((await own()).map(detailsOf)).toEqual([
      { ec2InstanceId: EC2, generation: 1, ip: "10.0.0.4" },
      {
        ...{ generation: 2, verdict: "MATCH", receiptDigest: hex, execution: expect.stringContaining(`${id}-due-`) },
        ...{ trigger: "fleet-rotation", run: "run-1" },
      },
      {
        ...{ generation: 2, step: "PushToInstance", what: "PushFailed", execution: "by-bob" },
        ...{ requestedBy: "Bob", trigger: "by hand" },
      },
      {
        ...{ generation: 3, verdict: "MATCH", receiptDigest: hex, execution: "by-ann" },
        ...{ requestedBy: "Ann", trigger: "by hand" },
      },
      { requestedBy: "Ann", reason: "a leak", execution: "shut" },
      { requestedBy: "Ann", reason: "none after all", execution: "open" },
      { requestedBy: "Ann", execution: "gone" },
    ]);
  });

  test("bear the moment of their act, in the order of the acts", async () => {
    const times = (await own()).map(({ timeMs }) => timeMs);
    expect(times).toEqual(times.toSorted((one, later) => one - later));
  });
});

describe("the seals", () => {
  test("are one a day, and the log and the weekly mail have them", async () => {
    const { seals } = await everything();
    expect(seals.map(({ day }) => day)).toEqual([19, 20, 21, 22, 23, 24, 25, 26, 27].map((day) => `2026-11-${day}`));
    const digests = new Map(seals.map(({ day, digest }) => [day, digest]));
    for (const known of [inTheLog(), inTheMail()]) {
      expect(known.length).toBeGreaterThan(0);
      for (const { day, digest } of known) expect(digest).toBe(digests.get(day));
    }
  });

  test("cover each subject that has new lines, by its last one", async () => {
    const { seals } = await everything();
    const heads = seals.map(({ heads }) => heads.filter(({ subject }) => subject === id).map(({ n }) => n));
    expect(heads).toEqual([[], [1], [6], [7], [], [], [], [], []]);
  });
});

describe("an auditor", () => {
  test("finds nothing wrong with it, by the table alone, by the log and by the mail", async () => {
    expect(await found({ known: [] })).toEqual([]);
    expect(await found({ known: inTheLog() })).toEqual([]);
    expect(await found({})).toEqual([]);
  });

  test("finds a line that was changed", async () => {
    const lines = (await own()).map((line) =>
      line.n === 4 ? { ...line, details: line.details.replace("Ann", "Eve") } : line,
    );
    expect(await found({ lines: [...lines, ...(await others())] })).toEqual([`LINE_CHANGED ${id} 4`]);
    // Hashed anew, it is not the one that those above it follow.
    const anew = lines.map((line) => (line.n === 4 ? hashed(line) : line));
    expect(await found({ lines: [...anew, ...(await others())] })).toEqual([`LINE_UNCHAINED ${id} 5`]);
  });

  test("finds one that was cut from the end, and one from the middle", async () => {
    const lines = await own();
    const without = async (n: number) =>
      found({ lines: [...lines.filter((line) => line.n !== n), ...(await others())] });
    expect(await without(7)).toEqual([`END_CUT ${id} 7 ${TO_THE_RETIREMENT}`]);
    expect(await without(3)).toEqual([`LINE_MISSING ${id} 3`]);
  });

  test("finds a subject that was removed whole", async () => {
    expect(await found({ lines: await others() })).toEqual([`SUBJECT_REMOVED ${id} 1 ${TO_THE_RETIREMENT}`]);
  });

  /** Somebody has another one ask for the turn, and hashes all that follows from it anew. */
  const forged = async (): Promise<AuditLine[]> => {
    const lines = (await own()).map((line) => ({ ...line, details: line.details.replaceAll("Ann", "Eve") }));
    return [...hashedAnew(lines), ...(await others())];
  };

  test("finds a chain that was hashed anew", async () => {
    expect(await found({ lines: await forged(), known: [] })).toEqual([`CHAIN_REHASHED ${id} 6 2026-11-21`]);
  });

  test("finds it where the seals were made anew as well, by a digest from outside alone", async () => {
    const lines = await forged();
    const digests = new Map(lines.map(({ subject, n, digest }) => [`${subject} ${n}`, digest]));
    let previous = "";
    const seals = (await everything()).seals.map((seal): Seal => {
      const heads = seal.heads.map((head) => ({ ...head, digest: digests.get(`${head.subject} ${head.n}`) ?? "" }));
      const digest = digestOfSeal({ ...seal, previous, heads });
      const anew = { ...seal, previous, heads, digest };
      previous = digest;
      return anew;
    });
    expect(await found({ lines, seals, known: [] })).toEqual([]);
    expect(await found({ lines, seals })).toEqual(["SEAL_REPLACED 2026-11-27"]);
    // The log has each day, and so tells from when on it is another's.
    expect((await found({ lines, seals, known: inTheLog() }))[0]).toBe("SEAL_REPLACED 2026-11-21");
  });

  test("finds a table that was restored to yesterday, by a digest from outside alone", async () => {
    expect(await found({ ...ofYesterday, known: [] })).toEqual([]);
    expect(await found(ofYesterday)).toEqual(["TABLE_RESTORED 2026-11-27"]);
    // What was sealed before then tells nothing of it.
    const known = inTheLog().filter(({ day }) => day < TO_THE_RETIREMENT);
    expect(await found({ ...ofYesterday, known })).toEqual([]);
  });

  test("finds it also where Keyturn has worked and sealed on since", async () => {
    const content = { previous: ofYesterday.seals.at(-1)?.digest ?? "", day: "2026-11-29", heads: [] };
    const seals = [...ofYesterday.seals, { ...content, digest: digestOfSeal(content) }];
    expect(await found({ lines: ofYesterday.lines, seals, known: [] })).toEqual([]);
    expect(await found({ lines: ofYesterday.lines, seals })).toEqual(["SEAL_MISSING 2026-11-27"]);
  });
});
