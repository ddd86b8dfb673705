/** What settings are checked against besides each other. */
export interface Circumstances {
  /** When they are to hold, in milliseconds since 1970. */
  now: number;
  /** The Region of the deployment, where it is known. */
  region?: string | undefined;
}

/** What is wrong with settings that are sound one by one. */
export interface Check<Looked> {
  /** The settings that it looks at; it is left out while one of these is wrong by itself. */
  of: (keyof Looked)[];
  /** Each fault: the setting's name, and a sentence that goes on after it. */
  faults(settings: Looked, circumstances: Circumstances): Iterable<[setting: string, fault: string]>;
}
