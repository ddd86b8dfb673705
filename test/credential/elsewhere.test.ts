import { createServer, type Server } from "node:net";
import { PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, test } from "vitest";
import { otherUser } from "../../functions/shared/credential-settings.ts";
import { onPostgres, withSession } from "../functions/postgres/under-test.ts";
import { type Lab, settingsFor, startLab, type TurnedCredential } from "./lab.ts";

/*
 * Whoever may write the secret cannot make Keyturn connect elsewhere, as somebody else, or by another client: he is found out,
 * or what he has written is passed over.
 */

const WORDS = ["place", "somebody", "pendingplace", "pendinguser"] as const;

onPostgres("a secret's value that names", () => {
  let lab: Lab;
  /** A server that is none of the settings'. */
  let trap: Server;
  const visits: string[] = [];
  beforeAll(async () => {
    trap = createServer((socket) => {
      visits.push(`${socket.remotePort}`);
      socket.on("error", () => undefined).destroy();
    });
    await new Promise<void>((resolve) => trap.listen(0, "127.0.0.1", resolve));
    lab = await startLab(WORDS.map((word) => settingsFor(word)));
  });
  afterAll(async () => {
    await lab?.close();
    await new Promise((resolve) => trap.close(resolve));
  });

  /** The same login, elsewhere. */
  const elsewhere = (text: string) => {
    const { port } = trap.address() as { port: number };
    return JSON.stringify({ ...JSON.parse(text), engine: "mysql", host: "127.0.0.1", port, dbname: "others" });
  };
  const put = ({ secretsManager, settings }: TurnedCredential, SecretString: string) =>
    secretsManager.send(new PutSecretValueCommand({ SecretId: settings.name, SecretString }));
  /** What the database keeps of its roles' passwords, so that a change of any shows. */
  const roles = () => {
    const superuser = { port: lab.server.port, ...lab.server.superuser };
    const kept = "SELECT rolname, rolcanlogin, rolpassword FROM pg_authid ORDER BY rolname";
    return withSession(superuser, async (session) => (await session.query(kept)).rows);
  };
  const rolesOfOthers = async (word: string) =>
    (await roles()).filter(({ rolname }) => !rolname.startsWith(`${word}_`));

  test("another host, port, database and engine is told of, turned where the settings say, and corrected", async () => {
    const credential = lab.of("place");
    const { engine, port, dbname, name: subject } = credential.settings;
    await put(credential, elsewhere((await credential.text()).text));
    expect(await lab.fleet.look()).toMatchObject({ status: "SUCCEEDED" });
    expect(await lab.fleet.finding({ subject, cause: "MovedByOthers" })).toMatchObject({ subject });
    await credential.isTurned(await credential.askByEvent());
    const { text } = await credential.text();
    expect(JSON.parse(text)).toMatchObject({ engine, host: "127.0.0.1", port, dbname });
    expect(await credential.answerTo(await credential.version())).toBe("accepted");
    expect(visits).toEqual([]);
  });

  test("somebody else as its user is told of, and neither he nor anybody else is altered", async () => {
    const credential = lab.of("somebody");
    const { name: subject } = credential.settings;
    const before = await roles();
    await put(credential, elsewhere(credential.textOf(lab.server.superuser)));
    const { error, cause } = await credential.ended(await credential.askByEvent());
    expect({ error, cause }).toEqual({ error: "Keyturn.MISMATCH", cause: expect.stringContaining("is no login of") });
    expect(await lab.fleet.finding({ subject, cause: "CredentialMismatch" })).toMatchObject({ subject });
    expect(await roles()).toEqual(before);
    expect(visits).toEqual([]);
  });

  test("another host as the pending value is pushed where the settings say", async () => {
    const credential = lab.of("pendingplace");
    const { name: secret } = credential.settings;
    const user = otherUser(credential.settings, (await credential.version()).user);
    const before = await rolesOfOthers("pendingplace");
    const left = await credential.leavePending(elsewhere(credential.textOf({ user, password: "put by somebody" })));
    const execution = await lab.fleet.start({ secret, token: left.versionId }, "credential");
    expect(await lab.fleet.ended(execution)).toMatchObject({ status: "SUCCEEDED" });
    expect(await credential.answerTo(await credential.version())).toBe("accepted");
    expect(await rolesOfOthers("pendingplace")).toEqual(before);
    expect(visits).toEqual([]);
  });

  test("somebody else as the pending value is told of, and neither he nor anybody else is altered", async () => {
    const credential = lab.of("pendinguser");
    const { name: secret } = credential.settings;
    const before = await roles();
    const left = await credential.leavePending(elsewhere(credential.textOf({ user: "postgres", password: "mine" })));
    const { error } = await lab.fleet.ended(await lab.fleet.start({ secret, token: left.versionId }, "credential"));
    expect(error).toBe("Keyturn.SecretUnfit");
    expect(await lab.fleet.finding({ subject: secret, cause: "SecretUnfit" })).toMatchObject({ subject: secret });
    expect(await roles()).toEqual(before);
    expect(visits).toEqual([]);
    // Its version was given up, and the next one is Keyturn's own.
    await credential.turn();
  });
});
