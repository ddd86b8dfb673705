import { describe, expect, test } from "vitest";
import { broken, lasting } from "../lasting.ts";
import { identityRights } from "../policies.ts";
import type { Synthesized } from "../synthesized.ts";

/** What a store of samples is made of. */
const OF_STORES = ["SampleDatabase", "SampleTable", "SeriesTable"];

const idsIn = ({ resources }: Synthesized) => Object.keys(resources);
const isOfStore = (id: string) => OF_STORES.some((name) => id.startsWith(`Data${name}`));

/**
 * What becomes of a deployment whose samples move from one store to the other.
 *
 * @param steps before, with both stores, and after
 */
export function moving(how: string, [before, between, after]: [Synthesized, Synthesized, Synthesized]): void {
  describe(`samples that move from ${how}`, () => {
    test("have both stores for a while, and with the first step nothing goes or is replaced", () => {
      expect(
        broken(lasting(before), lasting(between)),
        "infra/data.ts: while formerTimeSeries names a store, make it as it was made before",
      ).toEqual([]);
      const made = idsIn(between).filter((id) => !(id in before.resources));
      expect(made.length).toBeGreaterThan(0);
      expect(
        made.filter((id) => !isOfStore(id)),
        "A change of the store makes the other store, and nothing else",
      ).toEqual([]);
      expect(idsIn(before).filter((id) => !(id in between.resources))).toEqual([]);
    });

    test("leave nothing behind but the former store, which goes with the second step", () => {
      const gone = idsIn(between).filter((id) => !(id in after.resources));
      expect(gone.length).toBeGreaterThan(0);
      expect(gone.filter((id) => !isOfStore(id))).toEqual([]);
      const losses = broken(lasting(between), lasting(after));
      expect(
        losses.filter((loss) => !gone.some((id) => loss.startsWith(`${id} is gone`))),
        "infra/data.ts: without the former store everything else is made as it was",
      ).toEqual([]);
      expect(idsIn(after).filter((id) => !(id in between.resources))).toEqual([]);
    });

    test("go to no table that is not there yet: who names one to instances is deployed after it", () => {
      const [, register] = between.one("AWS::Lambda::Function", "FunctionName", "keyturn-registration-register");
      const tables = idsIn(between).filter((id) => /^Data(SampleTable|SeriesTable)/.test(id));
      expect(tables).toHaveLength(2);
      expect(
        (register as { DependsOn?: string[] }).DependsOn,
        "infra/stack.ts: have register depend on the tables",
      ).toEqual(expect.arrayContaining(tables));
      // A function is deployed after its rights, and these after what they name.
      const rights = identityRights(between).filter(({ Action }) =>
        /^(timestream:(Select|WriteRecords)|dynamodb:Query)$/.test(`${Action}`),
      );
      for (const table of tables) {
        const naming = rights.filter(({ Resource }) => Resource.some((one) => one === `\${${table}.Arn}`));
        expect(naming.length, `infra/arns.ts: name ${table} in rights by a reference`).toBeGreaterThan(0);
      }
    });

    test("are read and written where both steps and instances find them", () => {
      const variables = between
        .ofType("AWS::Lambda::Function")
        .map(
          ([, { Properties }]) => (Properties.Environment as { Variables: Record<string, string> })?.Variables ?? {},
        );
      const told = variables.filter((one) => "FORMER_TIME_SERIES" in one);
      expect(told.length).toBeGreaterThan(2);
      for (const { TIME_SERIES, FORMER_TIME_SERIES } of told) {
        expect([TIME_SERIES, FORMER_TIME_SERIES].sort()).toEqual(["dynamodb", "timestream"]);
      }
    });
  });
}
