import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect as connectTo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { lastingPort } from "../../../local/port.ts";
import { lookAtEarlierRun } from "../../../local/postgres/earlier-run.ts";
import { makeHome, NOBODY } from "../../../local/postgres/home.ts";
import { PostgresError } from "../../../local/postgres/postgres-error.ts";
import { findPrograms } from "../../../local/postgres/programs.ts";
import type { PostgresServer } from "../../../local/postgres/server.ts";
import { onPostgres, serverFolder, startServer, withSession } from "../../functions/postgres/under-test.ts";
import { processesThatName } from "../../restart/processes.ts";

const IS_ROOT = process.getuid?.() === 0;
const NOT_ROOT = "only root has folders that are closed to the server's user";

onPostgres("a PostgreSQL on this machine", () => {
  let place: ReturnType<typeof serverFolder>;
  const running: PostgresServer[] = [];
  // Making the data takes longest, so they are made once, and copied.
  const made = serverFolder();
  beforeAll(async () => {
    await (await startServer({ folder: made.folder })).stop();
  });
  afterAll(made.remove);
  beforeEach(() => {
    place = serverFolder();
    execFileSync("cp", ["-a", `${made.folder}/.`, place.folder]);
  });
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
    place.remove();
  });

  async function start(options: Partial<Parameters<typeof startServer>[0]> = {}): Promise<PostgresServer> {
    const server = await startServer({ folder: place.folder, ...options });
    running.push(server);
    return server;
  }
  const query = async ({ port, superuser }: PostgresServer, statement: string) =>
    withSession({ port, ...superuser }, async (session) => (await session.query(statement)).rows);
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  test("it is the release that its package is named after, and believes the right password only", async () => {
    const server = await start();
    expect(await query(server, "SHOW server_version")).toEqual([{ server_version: "18.4" }]);
    const stranger = { ...server, superuser: { ...server.superuser, password: "another" } };
    await expect(query(stranger, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
    expect(
      await query(server, "SELECT rolpassword ~ '^SCRAM-SHA-256' AS scram FROM pg_authid WHERE rolcanlogin"),
    ).toEqual([{ scram: true }]);
  });

  test("it listens on 127.0.0.1 alone", async () => {
    const { port, log } = await start();
    for (const host of ["::1", "127.0.0.2"]) {
      const socket = connectTo({ host, port });
      const [error] = await once(socket, "error");
      expect(error).toBeInstanceOf(Error);
    }
    const listening = readFileSync(log, "utf8").match(/listening on .*/g);
    expect(listening).toEqual([`listening on IPv4 address "127.0.0.1", port ${port}`]);
  });

  test("data and password are kept between starts, and the port if it was asked for", async () => {
    const first = await start({ port: await lastingPort() });
    await query(first, "CREATE TABLE kept (n int)");
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await start({ port: first.port });
    expect(second).toMatchObject({ port: first.port, superuser: first.superuser, data: first.data });
    expect(await query(second, "SELECT n FROM kept")).toEqual([]);
    expect(readFileSync(second.log, "utf8")).not.toContain("was not properly shut down");
  });

  test("nobody but its user may look at its data, and nobody but the caller at its password", async () => {
    const { data } = await start();
    expect(statSync(data).mode & 0o077).toBe(0);
    for (const name of ["superuser-password", "log"]) expect(statSync(join(place.folder, name)).mode & 0o077).toBe(0);
  });

  test("nothing is left when it is removed", async () => {
    const server = await start();
    await server.remove();
    expect(readdirSync(place.folder)).toEqual([]);
    expect(isAlive(server.pid)).toBe(false);
  });

  test("what dies while the data are made leaves nothing that counts", async () => {
    for (const name of readdirSync(place.folder)) rmSync(join(place.folder, name), { recursive: true });
    mkdirSync(join(place.folder, "data-in-the-making"));
    for (const name of ["data-in-the-making/PG_VERSION", "password-in-the-making", "superuser-password"]) {
      writeFileSync(join(place.folder, name), "half");
    }
    const server = await start();
    expect(await query(server, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(readdirSync(place.folder).sort()).toEqual(["data", "log", "superuser-password"]);
  });

  test("data whose password is gone are made anew", async () => {
    const first = await start();
    await query(first, "CREATE TABLE gone (n int)");
    await first.stop();
    rmSync(join(place.folder, "superuser-password"));
    const second = await start();
    expect(second.superuser.password).not.toBe(first.superuser.password);
    await expect(query(second, "SELECT n FROM gone")).rejects.toMatchObject({ code: "42P01" });
  });

  test("it ends when whoever started it is killed, and the next start goes on with the data at once", async () => {
    const program = fileURLToPath(new URL("./starting.ts", import.meta.url));
    const starter = spawn(process.execPath, [program, place.folder], { stdio: ["ignore", "pipe", "inherit"] });
    const [said] = await once(starter.stdout, "data");
    const pid = Number(said);
    expect(isAlive(pid)).toBe(true);
    starter.kill("SIGKILL");
    await once(starter, "exit");
    const server = await start();
    expect(server.pid).not.toBe(pid);
    expect(await query(server, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(readFileSync(server.log, "utf8")).not.toContain("was not properly shut down");
    await server.stop();
    await expect.poll(() => processesThatName(place.folder)).toEqual([]);
  });

  test("it says how it ended when somebody else ends it, and starts again", async () => {
    const server = await start();
    process.kill(server.pid, "SIGKILL");
    expect(await server.ended).toEqual({ exitCode: null, signal: "SIGKILL" });
    expect(await query(await start(), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test.skipIf(process.platform !== "linux")(
    "it starts again as soon as the processes of one that was killed have noticed",
    async () => {
      const server = await start();
      const { pid, log } = server;
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").match(/\d+/g) ?? [];
      const signal = (name: NodeJS.Signals) => children.forEach((child) => void process.kill(Number(child), name));
      expect(children.length).toBeGreaterThan(0);
      // On a busy machine they do not come to it for a while.
      signal("SIGSTOP");
      process.kill(pid, "SIGKILL");
      const next = start();
      try {
        await expect.poll(() => readFileSync(log, "utf8")).toMatch("is still in use");
      } finally {
        signal("SIGCONT");
      }
      expect(await query(await next, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    },
  );

  test("a number that another process has got since is no server", async () => {
    const server = await start();
    await server.stop();
    writeFileSync(join(server.data, "postmaster.pid"), `${process.pid}\n${server.data}\n`, { mode: 0o600 });
    expect(await query(await start(), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("two at once on the same data are told of in one sentence", async () => {
    const { data, pid } = await start();
    await expect(lookAtEarlierRun(data, 100)).rejects.toThrow(
      new PostgresError(`Another PostgreSQL, process ${pid}, runs on ${data}; stop it: kill -INT ${pid}`),
    );
  });

  test("a port that another has is told of in one sentence", async () => {
    const { port } = await start();
    const other = serverFolder();
    const starting = startServer({ folder: other.folder, port });
    await expect(starting).rejects.toThrow(
      new PostgresError(`PostgreSQL cannot have port ${port} on 127.0.0.1; choose another.`),
    );
    other.remove();
  });

  test("why it does not start is told in its own words", async () => {
    await expect(start({ settings: { no_such_setting: "1" } })).rejects.toThrow(
      /^PostgreSQL does not start on .*: .*unrecognized configuration parameter "no_such_setting"/,
    );
  });

  test("nothing of the user's own settings reaches it", async () => {
    const former = { ...process.env };
    Object.assign(process.env, {
      PGDATA: "/nowhere",
      PGPORT: "1",
      PGUSER: "nobody",
      LC_ALL: "xx_XX",
      TZ: "Asia/Tokyo",
    });
    try {
      const server = await start();
      expect(await query(server, "SHOW TimeZone")).toEqual([{ TimeZone: "UTC" }]);
    } finally {
      for (const name of ["PGDATA", "PGPORT", "PGUSER", "LC_ALL", "TZ"]) delete process.env[name];
      Object.assign(process.env, former);
    }
  });

  test("for a root whose folder is closed to others it lives elsewhere", async ({ skip }) => {
    skip(!IS_ROOT, NOT_ROOT);
    const homes = join(place.folder, "homes");
    const closed = join(place.folder, "closed");
    mkdirSync(closed, { mode: 0o700 });
    const first = await start({ folder: closed, homes });
    await query(first, "CREATE TABLE kept (n int)");
    expect(first.data).toMatch(new RegExp(`^${homes}/[0-9a-f]{16}/data$`));
    expect(statSync(first.data).uid).toBe(NOBODY);
    await first.stop();
    const second = await start({ folder: closed, homes });
    expect(await query(second, "SELECT n FROM kept")).toEqual([]);
    await second.remove();
    expect([readdirSync(homes), readdirSync(closed)]).toEqual([[], []]);
  });

  test("a home whose folder was thrown away goes with the next start, and no other does", async ({ skip }) => {
    skip(!IS_ROOT, NOT_ROOT);
    const homes = join(place.folder, "homes");
    const [kept, thrownAway] = ["kept", "thrown-away"].map((name) => join(place.folder, name));
    for (const folder of [kept, thrownAway]) {
      mkdirSync(folder ?? "", { mode: 0o700 });
      makeHome(folder ?? "", place.folder, true, homes);
    }
    const before = readdirSync(homes);
    rmSync(thrownAway ?? "", { recursive: true });
    makeHome(kept ?? "", place.folder, true, homes);
    expect([before.length, readdirSync(homes).length]).toEqual([2, 1]);
  });

  test("programs that are closed to the server's user are copied to where he may read them", async ({ skip }) => {
    skip(!IS_ROOT, NOT_ROOT);
    const found = findPrograms();
    const closed = join(place.folder, "closed");
    execFileSync("cp", ["-a", "folder" in found ? found.folder : "", closed]);
    execFileSync("chmod", ["-R", "go-rwx", closed]);
    const server = await start({ programs: closed });
    const [{ setting } = { setting: "" }] = await query(server, "SELECT setting FROM pg_config WHERE name = 'BINDIR'");
    expect(setting).toBe(join(place.folder, "programs", "bin"));
    expect(statSync(closed).mode & 0o077).toBe(0);
    // Who is no root runs them himself, where they are.
    expect(makeHome(place.folder, closed, false)).toMatchObject({ programs: closed, place: place.folder });
  });

  test.each([
    ["may be written by others", (homes: string) => chmodSync(homes, 0o777)],
    ["is another's", (homes: string) => chownSync(homes, NOBODY, NOBODY)],
  ])("a home that %s is refused in one sentence", async (_, spoil) => {
    if (!IS_ROOT) return; // It has no home but in its folder.
    const homes = join(place.folder, "homes");
    const closed = join(place.folder, "closed");
    for (const one of [homes, closed]) mkdirSync(one, { mode: 0o700 });
    spoil(homes);
    await expect(start({ folder: closed, homes })).rejects.toThrow(
      new PostgresError(`${homes}, where PostgreSQL is to live, is not root's alone; remove it.`),
    );
  });
});
