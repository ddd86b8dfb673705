import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { SeriesStore } from "../../../protocol/index.ts";
import { installCommandsOf, keptVersions } from "../../upgrade/kept.ts";
import { broken, LASTING, type Lasting, lasting, PASSING } from "../lasting.ts";
import { keptOf, NEXT, RELEASED } from "../released.ts";
import type { Synthesized } from "../synthesized.ts";

const OTHERWISE =
  "Whoever has deployed that version would lose it with the next deployment. If it is meant all the same, CHANGELOG.md says \
what to do before, under Changed and as breaking, and it is taken out of test/infra/released in the same commit";
const NOT_YET =
  "Nobody has it yet: `npm run released -- next` writes it anew, and CHANGELOG.md says what of the last version it breaks. \
Of a released version this would be lost";

/** What released versions were made of goes on. */
export function released(store: SeriesStore, given: Synthesized): void {
  const now = lasting(given);

  describe(`what released versions were deployed as, with ${store}`, () => {
    test.each(RELEASED)("is there as it was in %s", (version) => {
      const kept = keptOf(version, store);
      expect(Object.keys(kept.resources).length).toBeGreaterThan(50);
      expect(broken(kept, now), version === NEXT ? NOT_YET : OTHERWISE).toEqual([]);
    });

    test.each(keptVersions())(
      "has all that an instance fetches and calls that the template of %s launches",
      (version) => {
        const commands = installCommandsOf(version, store);
        const message =
          "A group that is pinned to an earlier version of the launch template runs these commands for as long as it launches \
instances. Let infra/instances.ts give the right to earlier agents as well, and leave what is referred to where it is";
        // Synthesized without what functions and agent run, each version's agent has the same digest: another stands for it.
        const fetched = Array.from(
          commands.matchAll(/\bs3:\/\/(\S+)\/[0-9a-f]{64}(\.zip)/g),
          ([, folder, type]) => `${folder}/earlier${type}`,
        );
        expect(fetched).toHaveLength(1);
        const mayFetch = (file: string) =>
          Object.keys(now.files).some((pattern) => {
            const [prefix = "", suffix = ""] = pattern.replace(/^.+:s3:::/, "").split("*");
            return file.startsWith(prefix) && file.endsWith(suffix);
          });
        expect(
          fetched.filter((file) => !mayFetch(file)),
          message,
        ).toEqual([]);
        const referred = Array.from(commands.matchAll(/\$\{(\w+)\b(?!::)[^}]*\}/g), ([, id]) => id ?? "");
        expect(referred.length).toBeGreaterThan(0);
        expect(
          referred.filter((id) => !(id in given.resources)),
          message,
        ).toEqual([]);
      },
    );

    test("is kept of the present version, or of the next", () => {
      const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
      expect(
        RELEASED.filter((kept) => kept === version || kept === NEXT).length,
        `Keep what of the templates has to last before you release: npm run released -- ${version}`,
      ).toBeGreaterThan(0);
    });

    test("is known for every type of resource", () => {
      const types = new Set(Object.values(given.resources).map(({ Type }) => Type));
      expect(
        [...types].filter((type) => !(type in LASTING) && !PASSING.includes(type)),
        "test/infra/lasting.ts: say which properties of these must last, and what to do instead of a change; or that they pass",
      ).toEqual([]);
    });

    test("is missed in a template that has lost it, and not in one that has more", () => {
      const without = (change: (altered: Lasting) => void) => {
        const altered = structuredClone(now);
        change(altered);
        return broken(now, altered);
      };
      const [table] = given.one("AWS::DynamoDB::Table", "TableName", "keyturn-instances");
      const indexes = (of: Lasting) =>
        of.resources[table]?.GlobalSecondaryIndexes as Record<string, { Projection: { ProjectionType: string } }>;
      expect(without(({ resources }) => delete resources[table])).toEqual([
        expect.stringMatching(`^${table} is gone, .*records stay behind`),
      ]);
      expect(
        without(({ resources }) => {
          const keys = resources[table]?.KeySchema as object[] | undefined;
          keys?.push({ AttributeName: "at", KeyType: "RANGE" });
        }),
      ).toEqual([expect.stringContaining("KeySchema was")]);
      const [key] = given.one(
        "AWS::KMS::Key",
        "Description",
        "Keyturn: encrypts tables, samples and alert mail at rest",
      );
      expect(
        without(({ resources }) => {
          Object.assign(resources[key] ?? {}, { KeySpec: "HMAC_256" });
        }),
      ).toEqual([expect.stringContaining('KeySpec was null and is "HMAC_256". Another key decrypts nothing')]);
      expect(without((altered) => delete indexes(altered).byDue)).toHaveLength(1);
      expect(
        without((altered) => {
          const { byDue } = indexes(altered);
          if (byDue) byDue.Projection.ProjectionType = "ALL";
        }),
      ).toEqual([expect.stringContaining('byDue Projection ProjectionType was "KEYS_ONLY" and is "ALL"')]);
      expect(without(({ resources }) => delete resources[table]?.DeletionPolicy)).toHaveLength(1);
      expect(without(({ outputs }) => delete outputs.RegistrationUrl)).toHaveLength(1);
      expect(
        without((altered) => {
          altered.files = { "arn:aws:s3:::bucket/one-agent.zip": "Rights" };
        }),
      ).toHaveLength(1);
      const more = (altered: Lasting) => {
        indexes(altered).another = { Projection: { ProjectionType: "ALL" } };
        altered.resources.Another = { Type: "AWS::SQS::Queue", QueueName: "another" };
      };
      expect(without(more)).toEqual([]);
    });
  });
}
