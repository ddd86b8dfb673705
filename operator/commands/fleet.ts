import type { Run } from "../context.ts";
import { EXIT } from "../exits.ts";
import { listInstances } from "../reads/instances.ts";

export const run: Run = async (_given, context) => {
  const instances = await listInstances(context);
  return {
    code: EXIT.done,
    document: { instances },
    print(out) {
      out.table(
        [{ title: "ID" }, { title: "STATUS" }],
        instances.map(({ id, status }) => [id, { text: status, style: "green" }]),
      );
    },
  };
};
