import { isIP } from "node:net";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import type { Database } from "./database.ts";

const TIMEOUT_MS = 5_000;

/** A connection of its own for each question, closed at once: what the server has seen of it is over. */
export const mysql: Database = {
  async ask({ host, port, database, user, password, application, tls }) {
    // For an address, the client would look for a certificate of `localhost`.
    if (tls === "verify-full" && isIP(host) !== 0) throw new Error("verify-full wants a host's name, and no address");
    const connection = await createConnection({
      ...{ host, port, user, password, database: database ?? user },
      connectAttributes: { program_name: application },
      ...(tls === "verify-full" && { ssl: { rejectUnauthorized: true, verifyIdentity: true } }),
      connectTimeout: TIMEOUT_MS,
      flags: ["-LOCAL_FILES"],
    });
    // What befalls the connection also ends what waits for it; unheard, it would end the process.
    connection.on("error", () => {});
    try {
      // The user who logged in, and from where, whatever role he acts as.
      const asked = { sql: "SELECT USER() AS user", timeout: TIMEOUT_MS };
      const [rows] = await connection.query<RowDataPacket[]>(asked);
      return { user: String(rows[0]?.user ?? "").replace(/@[^@]*$/, "") };
    } finally {
      await connection.end().catch(() => {});
    }
  },
};
