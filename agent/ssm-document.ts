import { TURN_SECONDS } from "../protocol/index.ts";

/** The agent's command, whatever PATH the SSM agent gives. */
const TURN = 'PATH="${PATH:+$PATH:}/usr/bin:/usr/local/bin" keyturn-agent turn';

/** The SSM document that has the agent on an instance turn its key: what a push sends. The agent fetches what it needs. */
export const TURN_DOCUMENT = {
  schemaVersion: "2.2",
  description: "Keyturn: has the agent on this instance fetch its ticket and turn its key. Its output holds no key.",
  mainSteps: [
    {
      action: "aws:runShellScript",
      name: "turn",
      precondition: { StringEquals: ["platformType", "Linux"] },
      inputs: { timeoutSeconds: String(TURN_SECONDS), runCommand: [TURN] },
    },
  ],
} as const;
