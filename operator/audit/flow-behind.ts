import { KEY_FORM } from "../../events/fields.ts";
import { isInstanceId } from "../../protocol/index.ts";

const OPERATED = ["quarantined", "released", "rekey-opened"];

/**
 * The flow of the execution that a line names; undefined for a registration, which is Express, and whose history no API has.
 *
 * @param details of the line
 */
export function flowBehind(subject: string, act: string, details: Record<string, string>): string | undefined {
  if (KEY_FORM.test(subject)) return "exposed-key";
  if (!isInstanceId(subject)) return "credential";
  if (OPERATED.includes(act)) return "operate";
  if (act === "registered") return undefined;
  if (act !== "retired") return "rotation";
  // A person retires by `operate`; the rotation of a newcomer and a registration say why they do.
  if (details.why === undefined) return "operate";
  return details.successor === undefined ? "rotation" : undefined;
}
