import { describe, expect, test } from "vitest";
import { contract as derive } from "../../../functions/rotation/derive-successor/contract.ts";
import { contract as promote } from "../../../functions/rotation/promote-successor/contract.ts";
import { VERDICTS } from "../../../functions/rotation/verdicts.ts";

/** Which of these a step takes as the verdict; what else it is given does not matter here. */
const taken = ({ input }: typeof derive | typeof promote, verdicts: readonly string[]) =>
  verdicts.filter((verdict) => input.shape.verdict.safeParse(verdict).success);

describe("a key is turned after these verdicts, and no other", () => {
  test("as it is derived", () => expect(taken(derive, VERDICTS)).toEqual(["CONFLICT", "MATCH_PENDING", "MATCH"]));

  test("as it is promoted, whatever the samples said where it was agreed by a rekey", () => {
    expect(taken(promote, [...VERDICTS, "REKEY"])).toEqual(["CONFLICT", "MATCH_PENDING", "MATCH", "REKEY"]);
  });
});
