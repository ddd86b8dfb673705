import { Signer } from "@aws-sdk/rds-signer";

/** Whom a token lets in, and where. */
export interface TokenFor {
  /** The server's endpoint, as RDS knows it: by another name of it, the token counts for nothing. */
  host: string;
  port: number;
  user: string;
}

/**
 * A token that Amazon RDS takes in the place of a password, for 15 minutes, of a user who is a member of `rds_iam`. It is signed
 * here, by whoever this function runs as; that he may connect so is looked at by the server.
 */
export async function rdsToken({ host, port, user }: TokenFor): Promise<string> {
  return new Signer({ hostname: host, port, username: user }).getAuthToken();
}
