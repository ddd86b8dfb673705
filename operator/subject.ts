import { KEY_FORM } from "../events/fields.ts";
import { FORMS, isEc2InstanceId, isInstanceId } from "../protocol/index.ts";
import { misused } from "./exits.ts";

/** What a command is about, as somebody has typed it. */
export type Subject =
  | { kind: "instance"; id: string }
  | { kind: "host"; ec2InstanceId: string }
  | { kind: "secret"; secret: string }
  | { kind: "access-key"; accessKeyId: string };

/**
 * What somebody means: the ID of an instance, of an EC2 instance or of an access key, or the name of a credential's secret. A
 * secret whose name is six hexadecimal characters would be taken for an instance; settings refuse such a name.
 *
 * @throws Stopped (2) where it has the form of none of them
 */
export function subjectOf(text: string): Subject {
  if (isInstanceId(text)) return { kind: "instance", id: text };
  if (isEc2InstanceId(text)) return { kind: "host", ec2InstanceId: text };
  if (KEY_FORM.test(text)) return { kind: "access-key", accessKeyId: text };
  if (FORMS.secretName.test(text)) return { kind: "secret", secret: text };
  throw misused(
    `"${text}" is neither an instance's ID (6 lower-case hexadecimal characters), nor an EC2 instance's (i-…), nor an access key's, nor the name of a secret.`,
  );
}
