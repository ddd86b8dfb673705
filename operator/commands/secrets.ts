import { stands } from "../../functions/findings/finding.ts";
import type { Run } from "../context.ts";
import { isToBeLookedAt, type LookedAtCredential, lookedAtCredential } from "../credential-state.ts";
import { EXIT } from "../exits.ts";
import { counted, number } from "../output/count.ts";
import { listCredentials } from "../reads/credentials.ts";
import { listOpenFindings } from "../reads/findings.ts";
import { SECRET_COLUMNS, secretRow } from "../tables/secrets.ts";

export const run: Run<{ check?: true }> = async ({ options }, context) => {
  const [credentials, findings] = await Promise.all([listCredentials(context), listOpenFindings(context)]);
  const now = context.now();
  const looked = credentials.map((credential) => lookedAtCredential(credential, findings.filter(stands)));
  const bad = looked.filter(isToBeLookedAt);
  const shown = [...bad, ...looked.filter((one) => !bad.includes(one))];
  return {
    code: options.check && bad.length > 0 ? EXIT.attention : EXIT.done,
    document: { readAt: now, secrets: shown.map(documentOf) },
    print(out) {
      out.table(
        SECRET_COLUMNS,
        shown.map((one) => secretRow(one, now)),
      );
      if (shown.length === 0)
        out.line("Nothing is known of any credential: none is set, or none was turned or looked at yet.");
      else out.line(summaryOf(shown, bad.length));
    },
  };
};

function summaryOf(shown: readonly LookedAtCredential[], bad: number): string {
  const open = shown.filter(
    ({ credential: { predecessor } }) => predecessor !== undefined && predecessor.shutAt === undefined,
  );
  return [
    counted(shown.length, "secret"),
    ...(open.length === 0 ? [] : [`${number(open.length)} whose former version is still let in`]),
    bad === 0 ? "none to look at." : `${number(bad)} to look at. What to do: keyturn findings`,
  ].join("; ");
}

function documentOf(looked: LookedAtCredential): object {
  const { credential, findings, behind } = looked;
  const { name, current, predecessor, failing } = credential;
  return {
    ...{ name, current, predecessor, failing, behind, needsAttention: isToBeLookedAt(looked) },
    findings: findings.map(({ cause, since }) => ({ cause, since })),
  };
}
