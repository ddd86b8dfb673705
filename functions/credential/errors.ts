/** What the steps of this flow raise by themselves, by the names that the flow knows. */
export const CREDENTIAL_ERRORS = {
  /** The settings name no such credential. */
  unknown: "UnknownCredential",
  /** There is no such secret, or it is deleted. */
  gone: "SecretGone",
  /** The version is not to be seen as the pending one, yet or any more. */
  notPending: "NotPending",
  /** Another version is the current or the pending one by now. */
  superseded: "Superseded",
  /** The value of a version is no login of one of the two users. */
  unfit: "SecretUnfit",
  /** A reader does not know what the writer knows: it may be behind. */
  readerBehind: "ReaderBehind",
  /** Somebody has undone the first stroke of a retirement. */
  letInAgain: "LetInAgain",
  /** A login acts as somebody else than the owner. */
  ownerLost: "OwnerLost",
  /** The probe refuses a token that was just issued; a resource may learn of it late. */
  tokenRefused: "TokenRefused",
  /** The probe accepts a token still that was revoked. */
  stillAccepted: "StillAccepted",
} as const;
