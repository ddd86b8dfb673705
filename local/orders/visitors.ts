import type { Status } from "../../consumer/example/status.ts";
import { PageVisitors, type Said, type VisitorsOptions } from "../visitors.ts";

/** What an application says of its database, as the example of consumer/ does. */
export type Page = Pick<Status, "db_status" | "error" | "user" | "version">;

/** Whoever visits the two applications, and notes how often the database let them in. */
export class Visitors extends PageVisitors<"web" | "pool", Page> {
  constructor(options: VisitorsOptions<"web" | "pool">) {
    super(["web", "pool"], options);
  }

  protected read({ db_status, error }: Page, isNew: boolean): Said {
    if (db_status === "CONNECTED") return { isServed: true, words: "CONNECTED." };
    if (!isNew) return { isServed: false, words: `DISCONNECTED: ${error}` };
    return { isServed: false, words: `waits to be let in: the secret's first turn sets its user. (${error})` };
  }
}
