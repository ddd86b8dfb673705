/** What a log line may carry besides its sentence: identifiers and states, never a key, a hash or a proof. */
export type LogFields = Partial<{
  id: string;
  ec2InstanceId: string;
  generation: number;
  ip: string;
  reason: string;
  hook: string;
  outcome: string;
  waitMs: number;
}>;

export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A log of one JSON object a line. `time` is ISO 8601 in UTC. */
export function jsonLog(write: (line: string) => void, now: () => number): Log {
  const line = (level: string) => (message: string, fields?: LogFields) =>
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields })}\n`);
  return { info: line("info"), warn: line("warn"), error: line("error") };
}
