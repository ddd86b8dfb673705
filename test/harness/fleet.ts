/** Whose instances register in the harness, and whose secrets turn. */
export const FLEET = { partition: "aws", account: "000000000000", roleIds: ["AROAFLEET"] };
