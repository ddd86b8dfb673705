import { FORMS, TICKET_FIELDS, type TicketField, TURN_SECONDS } from "../protocol/index.ts";

/** What each field of a ticket is, and the form that the SSM agent checks before it hands it on. */
const FIELDS: Record<TicketField, { description: string; form: RegExp }> = {
  id: { description: "The instance's ID: 6 lower-case hexadecimal characters.", form: FORMS.instanceId },
  generation: { description: "The generation to reach.", form: FORMS.generation },
  nonce: {
    description:
      "The nonce of that generation: 64 lower-case hexadecimal characters, or empty in the compatibility mode.",
    form: FORMS.nonce,
  },
  proof: {
    description: "The ticket's proof under the key that the instance holds: 64 lower-case hexadecimal characters.",
    form: FORMS.hex64,
  },
};

const parameters = TICKET_FIELDS.map((field) => {
  const { description, form } = FIELDS[field];
  return [field, { type: "String", description, allowedPattern: form.source, interpolationType: "ENV_VAR" }] as const;
});

const defaults = TICKET_FIELDS.map((field) => `[ -n "\${SSM_${field}+set}" ] || SSM_${field}="{{${field}}}"`);

const options = TICKET_FIELDS.map((field) => `--${field} "$SSM_${field}"`);

/** The SSM document that hands a ticket to the agent on an instance: what a push sends. */
export const TURN_DOCUMENT = {
  schemaVersion: "2.2",
  description:
    "Keyturn: hands a ticket to the agent on this instance, which turns its key. No parameter and no output holds a key.",
  parameters: Object.fromEntries(parameters),
  mainSteps: [
    {
      action: "aws:runShellScript",
      name: "turn",
      precondition: { StringEquals: ["platformType", "Linux"] },
      inputs: {
        timeoutSeconds: String(TURN_SECONDS),
        runCommand: [
          "# An SSM agent before 3.3.2746.0 sets no SSM_ variables; it replaces the braces. The patterns make that safe.",
          ...defaults,
          `keyturn-agent turn ${options.join(" ")}`,
        ],
      },
    },
  ],
} as const;
