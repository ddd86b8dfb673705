import type * as z from "zod/mini";

/** What is wrong with an input, and in which field (`ticket.id`, or `input` for the whole). */
export interface Fault {
  field: string;
  problem: string;
}

/**
 * Checks untrusted input against its schema.
 *
 * @returns the input, or its first fault, which names the field and never a value
 */
export function checkInput<Schema extends z.ZodMiniType>(
  schema: Schema,
  input: unknown,
): { ok: true; value: z.infer<Schema> } | ({ ok: false } & Fault) {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  if (issue?.code === "unrecognized_keys") {
    const [name = ""] = issue.keys;
    // Whoever sent it chose the name, and what is told goes into histories, logs and mails.
    return {
      ok: false,
      field: /^\w{1,64}$/.test(name) ? name : "a field that is not named here",
      problem: "is not known",
    };
  }
  const field = issue?.path.join(".") || "input";
  return { ok: false, field, problem: issue?.message ?? "is malformed" };
}
