import type { Outcome } from "../context.ts";
import { EXIT } from "../exits.ts";
import { counted } from "../output/count.ts";
import type { Instance } from "../reads/instances.ts";

/**
 * Says who is meant, and does nothing.
 *
 * @param act as it was typed, e.g. `rekey`
 */
export function dryRun(act: string, meant: readonly Instance[]): Outcome {
  return {
    code: meant.length === 0 ? EXIT.refused : EXIT.done,
    document: {
      act,
      dryRun: true,
      meant: meant.map(({ id, ec2InstanceId, status, verdict }) => ({ id, ec2InstanceId, status, verdict })),
    },
    print(out) {
      out.table(
        [{ title: "ID" }, { title: "STATUS" }, { title: "VERDICT" }, { title: "HOST" }],
        meant.map(({ id, ec2InstanceId, status, verdict = "-" }) => [id, status, verdict, ec2InstanceId]),
      );
      out.line(`Would ${act} ${whomOf(meant.map(({ id }) => id))}. Nothing was done.`);
    },
  };
}

/** E.g. `a1b2c3` or `50 instances`. */
export function whomOf(ids: readonly string[]): string {
  return ids.length === 1 ? (ids[0] ?? "") : counted(ids.length, "instance");
}
