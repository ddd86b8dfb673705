import type { Json } from "../json.ts";
import type { Template } from "../template.ts";
import type { Reader } from "./reader.ts";

const NAME = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;
const LONGEST_NAME = 80;

/** Reads an `Assign` field: an object whose members are the variables. */
export function readAssign(
  value: Json | undefined,
  reader: Reader,
  location: string,
  inCatch = false,
): Template | undefined {
  if (value === undefined) return undefined;
  const here = `${location}/Assign`;
  const variables = reader.object(value, here);
  for (const name of Object.keys(variables)) {
    if (name === "states") reader.problem("The variable name 'states' is reserved", here);
    else if (!NAME.test(name) || name.length > LONGEST_NAME) {
      reader.problem(`The variable name '${name}' is not valid`, here);
    }
  }
  return reader.template(variables, here, inCatch);
}
