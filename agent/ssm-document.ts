import { FORMS, TURN_SECONDS } from "../protocol/index.ts";

/** A parameter that the SSM agent checks against its form before it hands it on. */
const parameter = (description: string, form: RegExp) => ({
  type: "String",
  description,
  allowedPattern: form.source,
  interpolationType: "ENV_VAR",
});

/** The SSM document that hands a ticket to the agent on an instance: what a push sends. */
export const TURN_DOCUMENT = {
  schemaVersion: "2.2",
  description:
    "Keyturn: hands a ticket to the agent on this instance, which turns its key. No parameter and no output holds a key.",
  parameters: {
    id: parameter("The instance's ID: 6 lower-case hexadecimal characters.", FORMS.instanceId),
    generation: parameter("The generation to reach.", FORMS.generation),
    nonce: parameter(
      "The nonce of that generation: 64 lower-case hexadecimal characters, or empty in the compatibility mode.",
      FORMS.nonce,
    ),
    proof: parameter(
      "The ticket's proof under the key that the instance holds: 64 lower-case hexadecimal characters.",
      FORMS.hex64,
    ),
  },
  mainSteps: [
    {
      action: "aws:runShellScript",
      name: "turn",
      precondition: { StringEquals: ["platformType", "Linux"] },
      inputs: {
        timeoutSeconds: String(TURN_SECONDS),
        runCommand: [
          "# An SSM agent before 3.3.2746.0 sets no SSM_ variables; it replaces the braces. The patterns make that safe.",
          '[ -n "${SSM_id+set}" ] || SSM_id="{{id}}"',
          '[ -n "${SSM_generation+set}" ] || SSM_generation="{{generation}}"',
          '[ -n "${SSM_nonce+set}" ] || SSM_nonce="{{nonce}}"',
          '[ -n "${SSM_proof+set}" ] || SSM_proof="{{proof}}"',
          'keyturn-agent turn --id "$SSM_id" --generation "$SSM_generation" --nonce "$SSM_nonce" --proof "$SSM_proof"',
        ],
      },
    },
  ],
} as const;
