/** What a step writes down besides its result: identifiers and outcomes, never payloads. */
export interface Journal {
  info(message: string, identifiers?: Record<string, string | number | boolean | undefined>): void;
  /** Adds to a count that the dashboard and the alarms read. */
  count(metric: string, dimensions?: Record<string, string>): void;
  /** Records a duration for the dashboard. */
  duration(metric: string, milliseconds: number): void;
}
