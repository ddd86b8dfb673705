import { isInstanceId } from "../../protocol/index.ts";

/** The comment that a push's command carries: it leads from the command's end back to the push. */
export function pushComment({ id, pushId }: { id: string; pushId: string }): string {
  return `keyturn push ${pushId} to ${id}`;
}

/** What `pushComment` wrote, or undefined for any other text. */
export function parsePushComment(comment: string): { id: string; pushId: string } | undefined {
  const [, pushId, id] = /^keyturn push ([0-9a-f]{16}) to (\S+)$/.exec(comment) ?? [];
  return pushId !== undefined && isInstanceId(id) ? { id, pushId } : undefined;
}
