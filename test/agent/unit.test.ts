import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("systemd starts the daemon again for ever: one that stood still without its key goes on after a rekey", () => {
  const unit = readFileSync(new URL("../../agent/systemd/keyturn-agent.service", import.meta.url), "utf8");
  expect(unit).toMatch(/^\[Unit\][^[]*^StartLimitIntervalSec=0$/m);
  expect(unit).toMatch(/^\[Service\][^[]*^Restart=always$/m);
});
