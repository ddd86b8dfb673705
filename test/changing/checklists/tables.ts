import { spawnSync } from "node:child_process";
import type { Edit } from "../checklist.ts";

/** The tables that `infra/costs.ts` prints, in place of those of their kind in docs/costs.md: a person pastes them. */
export const costTables: Edit = {
  file: "docs/costs.md",
  change(text, folder) {
    const { stdout, stderr } = spawnSync(process.execPath, ["infra/costs.ts"], { cwd: folder, encoding: "utf8" });
    if (stdout === "") throw new Error(`infra/costs.ts prints no tables: ${stderr}`);
    return stdout
      .trim()
      .split("\n\n")
      .reduce((page, table) => {
        const from = page.indexOf(table.split("\n")[0] ?? "");
        return page.slice(0, from) + table + page.slice(page.indexOf("\n\n", from));
      }, text);
  },
};
