import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { hostileSettings } from "./hostile-settings.ts";
import { run } from "./keyturn.ts";

test("npm start takes nothing from what its user has set for the real AWS: keys are turned, and nobody else is called", async () => {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  const hostile = await hostileSettings(folder);
  const options = ["--data", join(folder, "data"), "--port", "0", "--agents", "1", "--every", "2s", "--samples", "1s"];
  const { child, ended, said } = run(options, { PATH: process.env.PATH, ...hostile.environment });
  try {
    const died = ended.then(({ err }) => {
      throw new Error(`npm start ended before it turned a key: ${err}`);
    });
    const turned = vi.waitFor(() => expect(said()).toContain("turned its key and proved it"), { timeout: 80_000 });
    await Promise.race([died, turned]);
    died.catch(() => undefined); // From here on it may end.
    expect(hostile.asked()).toEqual([]);
  } finally {
    child.kill("SIGINT");
    await ended;
    hostile.close();
    rmSync(folder, { recursive: true, maxRetries: 10 });
  }
});
