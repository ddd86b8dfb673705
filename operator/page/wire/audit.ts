/** A subject's audit lines, and whether they hold, as `keyturn audit` has it. Times are milliseconds since 1970. */
export interface AuditDocument {
  subject: string;
  readAt: number;
  /** The newest first. */
  lines: AuditLineRow[];
  /** The number of the last line that is sealed; 0 where none is. */
  sealedTo: number;
  faults: AuditFaultRow[];
  /** How many seals there are, and the last of them. */
  seals: number;
  sealed?: { day: string; digest: string };
  /** How many digests from outside they were checked against. */
  known: number;
}

export interface AuditLineRow {
  n: number;
  /** Left out where somebody has altered it, and it is no moment. */
  at?: number;
  act: string;
  /** What came of it, in one line. */
  says: string;
  /** Who asked, as claimed, and by what. */
  asked?: string;
  /** The name of the execution, and its ARN where its history can be read. */
  execution?: string;
  arn?: string;
}

export interface AuditFaultRow {
  /** E.g. `LINE_CHANGED`. */
  what: string;
  /** Whose chain it is; left out of a seal. */
  subject?: string;
  n?: number;
  day?: string;
  says: string;
  means: string;
}
