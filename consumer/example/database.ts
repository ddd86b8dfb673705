/** Whom to log in as, and where. */
export interface Login {
  host: string;
  port: number;
  /** Undefined for the database that is named as the user. */
  database: string | undefined;
  user: string;
  password: string;
  /** What the database shows as the session's `application_name`. */
  application: string;
  /** Whether the server must show a certificate for this very host, or the connection is in the clear. */
  tls: "verify-full" | "none";
}

/** A database, as this example uses it. */
export interface Database {
  /**
   * Logs in, asks the server as whom, and logs out.
   *
   * @throws what the server says, with its SQLSTATE as `code`, or what the way there says
   */
  ask(login: Login): Promise<{ user: string }>;
}

/** A database with sessions that stay open. */
export interface PooledDatabase extends Database {
  /** Ends them, once they have answered. */
  close(): Promise<void>;
}
