import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type KeptMail, MAIL_FOLDER, mailFrom, mailNumberOf } from "../mail-file.ts";
import type { Place } from "../place/place.ts";

/** A mail that `npm start` has sent, and as the how many-th. */
export interface NumberedMail extends KeptMail {
  number: number;
}

/** The numbers of the mails that were sent, the oldest first; none where no mail was sent yet. */
export async function listMailNumbers(place: Pick<Place, "data">): Promise<number[]> {
  return [...(await filesIn(place)).keys()];
}

/** The mails of these numbers; one that is not there is left out. */
export async function readMails(place: Pick<Place, "data">, numbers: readonly number[]): Promise<NumberedMail[]> {
  const files = await filesIn(place);
  const read = numbers.map(async (number): Promise<NumberedMail[]> => {
    const name = files.get(number);
    return name === undefined ? [] : [{ number, ...mailFrom(await readFile(name, "utf8")) }];
  });
  return (await Promise.all(read)).flat();
}

/** The mails' files by their numbers, the oldest first. */
async function filesIn({ data }: Pick<Place, "data">): Promise<Map<number, string>> {
  const folder = join(data, MAIL_FOLDER);
  const found = (await namesIn(folder)).flatMap((name): [number, string][] => {
    const number = mailNumberOf(name);
    return number === undefined ? [] : [[number, join(folder, name)]];
  });
  return new Map(found.toSorted(([one], [other]) => one - other));
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
