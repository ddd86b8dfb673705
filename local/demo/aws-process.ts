import { join } from "node:path";
import type { EmbeddedAws } from "embedded-aws";
import { takeDataFolder } from "../data-folder.ts";
import { startFleet } from "../fleet.ts";
import { turnsOf } from "../fleet-runs.ts";
import { appendLog } from "../log.ts";
import { type FromAws, SHARED_VARIABLE, type Shared, type ToAws } from "./messages.ts";
import { LOOKS_EVERY_SECONDS, SETTINGS } from "./settings.ts";

/**
 * The process in which the demo's embedded AWS runs, so that it can be killed. Arguments: data folder, port, and how
 * often the schedules fire, in seconds. It ends in order when its channel to the demo is closed, by the demo's death too.
 */
const [path = "", port = "", seconds = ""] = process.argv.slice(2);
const scheduleSeconds = Number(seconds);
const shared: Shared = JSON.parse(process.env[SHARED_VARIABLE] ?? "{}");

// Ctrl-C reaches every process of the terminal, but when this one ends is for the demo to say.
process.on("SIGINT", () => {});
const disconnected = new Promise((resolve) => process.once("disconnect", resolve));

function tell(message: FromAws): void {
  // Without a callback, what cannot be sent any more would end this process before it has ended in order.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

try {
  const data = takeDataFolder(path);
  let started: EmbeddedAws | undefined;
  const aws = await startFleet({
    port: Number(port),
    folder: data.path,
    log: appendLog(join(data.path, "aws.log")),
    settings: {
      ...SETTINGS,
      watchSeconds: { looks: Math.max(LOOKS_EVERY_SECONDS, scheduleSeconds), proofs: 1 },
    },
    scheduleSeconds,
    ...shared,
    onEvent: (event) => tell({ kind: "event", event, turns: turnsOf(started?.executions, event) }),
    onMail: ({ subject }) => tell({ kind: "mail", subject }),
    onCall: (call) => {
      if (call.operation === "WriteRecords") tell({ kind: "call", call });
    },
  });
  started = aws;
  process.on("message", (asked: ToAws) => {
    const { question } = asked;
    if (asked.kind === "credentials") {
      tell({ kind: "credentials", question, keys: aws.credentialsOf(asked.ec2InstanceId) });
    } else if (asked.kind === "raise") {
      aws.events.raise(asked.event);
      tell({ kind: "raised", question });
    } else {
      tell({ kind: "mails", question, mails: aws.inbox.list().map(({ subject, text }) => ({ subject, text })) });
    }
  });
  tell({ kind: "ready", endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
  await disconnected;
  await aws.close();
  data.release();
} catch (error) {
  tell({ kind: "failed", reason: (error as Error).message });
  process.exitCode = 1;
}
