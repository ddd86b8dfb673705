import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { type Head, headsInOrder, isCount, isHex64, type Seal } from "../../protocol/index.ts";
import { readJson } from "../shared/read-json.ts";
import { type Audit, SEALS } from "./audit.ts";
import { ifTheConditionHolds, namesIn } from "./conditions.ts";

type Item = Record<string, AttributeValue>;

/** A seal as its item has it: its heads lie in pages of their own. */
type Bare = Omit<Seal, "heads"> & { n: number; pages: number };

/** A page is about a thousand heads of instances; heads of the longest names fit in an item of 400 kB, too. */
const PAGE_BYTES = 100_000;

/** How many seals are looked through at once for that of a day. */
const LOOKED_THROUGH = 100;

/**
 * The seals, beside the lines in their table. The items of the seals lie under `seal#`, numbered from 1: since each is
 * put where none is, and only after the one that it names, they are one chain. Their heads lie in pages under
 * `seal#DAY#DIGEST`, which are written first. The digest is over the heads, and they lie in one order, so whoever
 * writes a page of it writes the same: a seal that stands changes by nobody's second try, and what an attempt left that
 * died is written over, or is nobody's.
 *
 * None of these items has an attribute `day`: they would stand among the lines of that day.
 */
export function sealItems(
  client: DynamoDBClient,
  table: string,
): Pick<Audit, "putSeal" | "lastSeal" | "sealOf" | "seals"> {
  const query = (condition: string, values: Item, input: Partial<QueryCommandInput> = {}) =>
    client.send(
      new QueryCommand({
        ...{ TableName: table, KeyConditionExpression: condition, ExpressionAttributeValues: values },
        ...{ ExpressionAttributeNames: namesIn(condition), ConsistentRead: true, ...input },
      }),
    );

  /** The seals below a number, or all, from the newest on. */
  async function newest(limit: number, below = Number.MAX_SAFE_INTEGER): Promise<Bare[]> {
    const values = { ":seals": { S: SEALS }, ":below": { N: String(below) } };
    const backwards = { ScanIndexForward: false, Limit: limit };
    const page = await query("#subject = :seals AND #n < :below", values, backwards);
    return (page.Items ?? []).map(bareFrom);
  }

  async function withHeads({ n: _, pages, ...seal }: Bare): Promise<Seal> {
    const heads: Head[] = [];
    let from: QueryCommandInput["ExclusiveStartKey"];
    do {
      const values = { ":pages": { S: pagesOf(seal) } };
      const page = await query("#subject = :pages", values, from && { ExclusiveStartKey: from });
      for (const item of page.Items ?? []) if (Number(item.n?.N) <= pages) heads.push(...headsFrom(item.heads?.S));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return { ...seal, heads };
  }

  return {
    async putSeal(seal) {
      const [last] = await newest(1);
      if (last?.digest === seal.digest && last.day === seal.day) return true;
      if (seal.previous !== (last?.digest ?? "") || (last !== undefined && seal.day <= last.day)) return false;
      const pages = pagesFrom(seal.heads);
      for (const [index, heads] of pages.entries()) {
        const Item = { subject: { S: pagesOf(seal) }, n: { N: String(index + 1) }, heads: { S: heads } };
        await client.send(new PutItemCommand({ TableName: table, Item }));
      }
      const put = await ifTheConditionHolds(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: itemOf({ ...seal, n: (last?.n ?? 0) + 1, pages: pages.length }),
            ConditionExpression: "attribute_not_exists(subject)",
          }),
        ),
      );
      // Somebody was faster: with the same seal, or with another.
      return put !== undefined || this.putSeal(seal);
    },

    async lastSeal() {
      const [last] = await newest(1);
      return last && withHeads(last);
    },

    async sealOf(day) {
      let below: number | undefined;
      for (;;) {
        const page = await newest(LOOKED_THROUGH, below);
        const found = page.find((seal) => seal.day === day);
        if (found !== undefined) return withHeads(found);
        const oldest = page.at(-1);
        if (oldest === undefined || oldest.day < day) return undefined;
        below = oldest.n;
      }
    },

    async seals({ after = 0, limit = LOOKED_THROUGH } = {}) {
      const values = { ":seals": { S: SEALS }, ":after": { N: String(after) } };
      const page = await query("#subject = :seals AND #n > :after", values, { Limit: limit });
      const seals: Seal[] = [];
      for (const item of page.Items ?? []) seals.push(await withHeads(bareFrom(item)));
      return { seals, ...(page.LastEvaluatedKey && { next: Number(page.LastEvaluatedKey.n?.N) }) };
    },
  };
}

function pagesOf({ day, digest }: Pick<Seal, "day" | "digest">): string {
  return `${SEALS}${day}#${digest}`;
}

function itemOf({ n, day, previous, digest, pages }: Bare): Item {
  return {
    ...{ subject: { S: SEALS }, n: { N: String(n) }, sealedDay: { S: day } },
    ...{ previous: { S: previous }, digest: { S: digest }, pages: { N: String(pages) } },
  };
}

/** What is missing, or is of another type, becomes what gives no digest. */
function bareFrom({ n, sealedDay, previous, digest, pages }: Item): Bare {
  return {
    ...{ n: Number(n?.N), day: sealedDay?.S ?? "", previous: previous?.S ?? "missing" },
    ...{ digest: digest?.S ?? "", pages: Number(pages?.N) },
  };
}

/**
 * Heads as JSON texts of `[subject, n, digest]`, no longer than a page; the same for the same heads, however they come.
 */
function pagesFrom(heads: readonly Head[]): string[] {
  const pages: string[][] = [];
  let bytes = PAGE_BYTES;
  for (const { subject, n, digest } of headsInOrder(heads)) {
    const text = JSON.stringify([subject, n, digest]);
    if (bytes + Buffer.byteLength(text) > PAGE_BYTES) {
      pages.push([]);
      bytes = 0;
    }
    pages.at(-1)?.push(text);
    bytes += Buffer.byteLength(text) + 1;
  }
  return pages.map((texts) => `[${texts.join()}]`);
}

/** The heads of a page; what is none is left out, and so the seal does not fit. */
function headsFrom(page: string | undefined): Head[] {
  const read = readJson(page ?? "");
  return (Array.isArray(read) ? read : []).flatMap((head: unknown) => {
    const [subject, n, digest] = Array.isArray(head) ? head : [];
    return typeof subject === "string" && isCount(n) && isHex64(digest) ? [{ subject, n, digest }] : [];
  });
}
