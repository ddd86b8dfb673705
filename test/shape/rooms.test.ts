import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { files, importsOf, ROOT, read, roomOf, sources } from "./sources.ts";

/** Which rooms a room may import from. `test` may import from all of them, and nobody imports from `local`. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  protocol: [],
  events: ["protocol"],
  statemachines: [],
  functions: ["protocol", "events"],
  agent: ["protocol", "events"],
  // The infrastructure ships the agent: of it, it imports what bundles it.
  infra: ["protocol", "events", "statemachines", "functions", "operator", "agent"],
  consumer: ["protocol"],
  operator: ["protocol", "events", "functions"],
  packages: [],
  local: [
    "protocol",
    "events",
    "statemachines",
    "functions",
    "agent",
    "infra",
    "consumer",
    "operator",
    "packages",
    "tools",
  ],
  // Where Node is new enough, `keyturn` needs no second process.
  tools: ["operator"],
};

/** Of a room of which only some files may be known: by whom, which ones, and what to say to who imports another. */
const KNOWS: { room: string; by?: RegExp; of: string; files: RegExp; instead: string }[] = [
  {
    room: "infra",
    by: /^infra\/(?!prepare\/|credential-prepare\.ts)/,
    of: "functions",
    files:
      /^functions\/(steps|(record|findings|audit)\/table|shared\/(contract|(credential|exposed-key)-settings|names|neighbours|settings|uses)|.+\/contract)\.ts$/,
    instead:
      "infra knows what steps declare and how records lie in their table, not what steps do: put what it needs into the contract.ts",
  },
  {
    room: "infra",
    // It must agree with what later turns the credential: how one speaks to a database, and what is made of a password.
    by: /^infra\/(prepare\/|credential-prepare\.ts)/,
    of: "functions",
    files:
      /^functions\/(postgres\/.+|mysql\/.+|clients\/(authority(\.\w+)?|rds-certificates)|shared\/(credential-settings|database-sessions|errors|preparation))\.ts$/,
    instead: "what prepares a credential's database knows how functions speak to databases, and nothing else of them",
  },
  {
    room: "infra",
    of: "operator",
    files: /\/(contract|doctor\/quotas\.aws)\.ts$/,
    instead:
      "infra knows what people's commands declare, and asks for quotas as doctor does: put what else it needs into a contract.ts",
  },
  {
    room: "operator",
    of: "functions",
    files:
      /^functions\/((record|findings|audit|clients|telling)\/|credential\/(record|tries)\.ts|shared\/(names|uses|printable|at-once|meant)\.ts)/,
    instead:
      "the operator knows the forms of what is kept, the clients that read it and what people are told; it starts flows for the rest",
  },
];

/** The packages of packages/, by the names under which they are imported. */
const PACKAGES = files("packages/*/package.json").map((file) => JSON.parse(read(file)).name as string);
const roomOfImport = (name: string) => (PACKAGES.some((one) => name.split("/")[0] === one) ? "packages" : roomOf(name));

const rooms = Object.keys(MAY_IMPORT).filter((room) => existsSync(join(ROOT, room)));
const imports = sources.flatMap((file) => importsOf(file).map((name) => ({ file, name, of: roomOfImport(name) })));

describe("rooms", () => {
  test.each(rooms)("%s imports only from the rooms that it may", (room) => {
    const allowed = [room, ...(MAY_IMPORT[room] ?? [])];
    const strays = imports
      .filter(({ file, of }) => roomOf(file) === room && (of in MAY_IMPORT || of === "test") && !allowed.includes(of))
      .map(({ file, name }) => `${file} imports ${name}`);
    const may = MAY_IMPORT[room]?.join(", ") || "no other room";
    const message = `${room}/ may import from ${may}: move what both need into a room that both may know, or hand it in`;
    expect(strays, message).toEqual([]);
  });

  test.each(KNOWS)("of $of, $room knows only a part", ({ room, by, of, files: allowed, instead }) => {
    const strays = imports
      .filter(({ file, name, of: from }) => roomOf(file) === room && from === of && !allowed.test(name))
      .filter(({ file }) => by === undefined || by.test(file))
      .map(({ file, name }) => `${file} imports ${name}`);
    expect(strays, instead).toEqual([]);
  });

  test("imports of our own files lead to a file", () => {
    const broken = imports
      .filter(({ name }) => roomOf(name) in MAY_IMPORT && !existsSync(join(ROOT, name)))
      .map(({ file, name }) => `${file} imports ${name}`);
    expect(broken, "These import a file that is not there: correct the path").toEqual([]);
  });

  test("the protocol loads nothing but Node's own modules", () => {
    const strays = imports
      .filter(
        ({ file, name }) => roomOf(file) === "protocol" && !name.startsWith("node:") && roomOf(name) !== "protocol",
      )
      .map(({ file, name }) => `${file} imports ${name}`);
    const message =
      "protocol/ is for any program to load: write it with Node's own modules, or put it into another room";
    expect(strays, message).toEqual([]);
  });

  describe("the page", () => {
    const CLIENT = "operator/page/client/";
    const WIRE = "operator/page/wire/";
    /** What a browser is given, and nothing else: each costs who looks for the first time. */
    const OF_CLIENT = ["preact", "@preact/signals", "uplot", "@dagrejs/dagre"];
    const packageOf = (name: string) =>
      name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/");
    const straysOf = (folder: string, mayImport: (name: string) => boolean) =>
      imports
        .filter(({ file, name }) => file.startsWith(folder) && !mayImport(name))
        .map(({ file, name }) => `${file} imports ${name}`);

    test("in a browser knows what crosses the wire, itself and four libraries", () => {
      const isKnown = (name: string) =>
        [CLIENT, WIRE].some((folder) => name.startsWith(folder)) || OF_CLIENT.includes(packageOf(name));
      const message = "A browser has nothing of Node: say what it needs in operator/page/wire/, as plain data";
      expect(straysOf(CLIENT, isKnown), message).toEqual([]);
    });

    test("has on the wire what both ends can read", () => {
      const message = "operator/page/wire/ imports nothing from outside of itself: both ends read it";
      expect(
        straysOf(WIRE, (name) => name.startsWith(WIRE)),
        message,
      ).toEqual([]);
    });

    test("in a browser is known by nobody else, but for tests", () => {
      const strays = imports
        .filter(({ file, name }) => name.startsWith(CLIENT) && !file.startsWith(CLIENT) && roomOf(file) !== "test")
        .map(({ file, name }) => `${file} imports ${name}`);
      expect(strays, "The server has the client bundled; it imports nothing of it").toEqual([]);
    });
  });

  test("every folder with programs is a room that this table knows", () => {
    const folders = new Set(sources.filter((file) => file.includes("/")).map(roomOf));
    const unknown = [...folders].filter((folder) => !(folder in MAY_IMPORT) && folder !== "test");
    const message = "A new folder is a new room: say in MAY_IMPORT of test/shape/rooms.test.ts what it may import";
    expect(unknown, message).toEqual([]);
  });
});
