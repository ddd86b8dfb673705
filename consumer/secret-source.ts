/** What Secrets Manager holds as the current version of a secret. */
export interface SecretRead {
  /** The secret's name, also where it was asked for by its ARN. */
  secret: string;
  versionId: string;
  /** The value: nobody but `readCredential` looks into it. */
  text: string;
}

/** Where a secret is read. */
export interface SecretSource {
  /**
   * Reads the version that is current now; one call to Secrets Manager, never repeated by itself.
   *
   * @throws Failure that says why it could not be read; no value stands in it
   */
  read(): Promise<SecretRead>;
  /** Lets connections go. */
  close(): void;
}
