import { beforeAll, expect, test } from "vitest";
import type { Mail } from "../../../functions/clients/mail.ts";
import { eventually } from "./eventually.ts";

/** Mail, and a subscriber's inbox. */
export interface ReceivedMail {
  mail: Mail;
  received(): Promise<{ subject: string; text: string }[]>;
}

/** What every Mail does; `makeMail` is called once. */
export function mailSuite(makeMail: () => ReceivedMail | Promise<ReceivedMail>): void {
  let made: ReceivedMail;
  beforeAll(async () => {
    made = await makeMail();
  });

  async function receivedWith(marker: string) {
    const find = async () => (await made.received()).find(({ text }) => text.includes(marker));
    return eventually(find, (mail) => mail !== undefined);
  }

  test("a mail is received with its subject and its whole text", async () => {
    const text = `What:      first\n\nTo do:     second — line\n${"long ".repeat(100)}end`;
    await made.mail.send("Keyturn: STALE on 0a1b2c", text);
    const mail = await receivedWith("What:      first");
    expect(mail?.subject).toBe("Keyturn: STALE on 0a1b2c");
    // A service may add a line of its own below.
    expect(mail?.text.replaceAll("\r\n", "\n")).toContain(text);
  });

  test("a subject that is too long is cut, so that the mail is sent", async () => {
    await made.mail.send(`Keyturn: ${"x".repeat(200)}`, "marked: long subject");
    const mail = await receivedWith("marked: long subject");
    expect(mail?.subject).toBe(`Keyturn: ${"x".repeat(90)}`);
  });

  test("what a subject may not hold is replaced", async () => {
    await made.mail.send("Keyturn: é\r\nBcc: someone", "marked: odd subject");
    expect((await receivedWith("marked: odd subject"))?.subject).toBe("Keyturn: ???Bcc: someone");
  });
}
