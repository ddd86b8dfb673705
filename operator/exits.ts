/** With what `keyturn` exits. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** What was typed makes no sense. */
  usage: 2,
  /** It was refused, or there is nothing that was meant. */
  refused: 3,
  /** No credentials, no Region, or no Keyturn there. */
  nowhere: 4,
  /** Something needs attention: where --check asks for that, and by check, doctor, audit and report. */
  attention: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A reason not to go on that the user is told in one sentence or two: what is wrong, where, and what to do. */
export class Stopped extends Error {
  readonly code: ExitCode;

  constructor(code: ExitCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What was asked for has begun, and goes on; how it goes cannot be seen, for the reason that is its cause. */
export class Unseen extends Error {
  readonly execution: string;

  constructor(execution: string, cause: unknown) {
    super("it has begun, and cannot be seen", { cause });
    this.execution = execution;
  }
}

/** What was typed makes no sense. */
export const misused = (message: string) => new Stopped(EXIT.usage, message);

/** What was asked for was refused, or nobody is meant. */
export const refused = (message: string) => new Stopped(EXIT.refused, message);
