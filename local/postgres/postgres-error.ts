/** A server that cannot be had. Its message is a sentence for the user. */
export class PostgresError extends Error {}
