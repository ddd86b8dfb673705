import type { z } from "zod";
import { AwsError } from "./service.ts";

/**
 * Checks an operation's input. Members that the schema does not name are refused too: what is not known here must not
 * seem to have been heeded.
 *
 * @param code the error's name where the service does not call it ValidationException
 * @throws AwsError that names the member and what is wrong with it, never its value
 */
export function readInput<T>(schema: z.ZodType<T>, input: unknown, code = "ValidationException"): T {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  const what = read.error.issues.map(({ path, message }) => `${path.join(".") || "the input"}: ${message}`);
  const count = `${what.length} validation error${what.length === 1 ? "" : "s"} detected`;
  throw new AwsError(code, `${count}: ${what.join("; ")}`);
}
