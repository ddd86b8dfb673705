import type { JsonObject } from "../json.ts";
import type { Reader } from "./reader.ts";

/** What reading a container needs to know of where it stands. */
export interface Place {
  reader: Reader;
  express: boolean;
  /** Whether states without a QueryLanguage are JSONata. */
  jsonata: boolean;
  /** Adds the states of a branch or of an iteration under a path of its own, which is returned. */
  nested: (path: string, fields: JsonObject, location: string) => string;
  /** The path of the container that is read. */
  path: string;
  /** The names of all states so far: they are unique in the whole machine. */
  names: Set<string>;
}
