import { isDeepStrictEqual } from "node:util";
import { AwsError } from "../http/service.ts";

/** How dynalite writes down what it reads: the name of a type, or one with what it holds. */
export type Shape = string | { type: string; children?: Shape | Shapes };
export type Shapes = { [name: string]: Shape };

/** What dynalite reads and then does not do. */
const NOT_DONE = ["Create", "Delete", "ReturnItemCollectionMetrics"];

/** With these values a parameter changes nothing, because they are what holds here anyway. */
const HOLDS_ANYWAY: Record<string, unknown> = {
  DeletionProtectionEnabled: false,
  ReturnItemCollectionMetrics: "NONE",
  ReturnValuesOnConditionCheckFailure: "NONE",
  StreamSpecification: { StreamEnabled: false },
  TableClass: "STANDARD",
};

/** Whether an update of a table asks for nothing but what holds here anyway. */
export function changesNothing(input: unknown): boolean {
  const asked = Object.entries(input ?? {}).filter(([name]) => name !== "TableName");
  return asked.length > 0 && asked.every(([name, value]) => isDeepStrictEqual(value, HOLDS_ANYWAY[name]));
}

/**
 * dynalite leaves out what it does not know. A caller that relied on it would be misled, so it is refused.
 *
 * @param shapes what dynalite reads of the operation
 * @throws AwsError ValidationException that names the first member that would be ignored
 */
export function refuseWhatIsIgnored(input: unknown, shapes: Shapes, log: (sentence: string) => void): void {
  const name = ignored(input, shapes);
  if (name === undefined) return;
  const message = `The embedded AWS does not know DynamoDB's parameter '${name}'.`;
  log(message);
  throw new AwsError("ValidationException", message);
}

function ignored(value: unknown, shapes: Shapes): string | undefined {
  for (const [name, member] of Object.entries(value ?? {})) {
    if (member === null || isDeepStrictEqual(member, HOLDS_ANYWAY[name])) continue;
    const shape = shapes[name];
    if (shape === undefined || NOT_DONE.includes(name)) return name;
    const inner = ignoredIn(member, shape);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** Looks into structures, alone or in a list or map; what is of another type, dynalite refuses itself. */
function ignoredIn(value: unknown, shape: Shape): string | undefined {
  if (typeof shape === "string" || typeof value !== "object" || value === null) return undefined;
  const { type, children } = shape;
  if (/^(Field|Value)Struct/.test(type)) return ignored(value, children as Shapes);
  for (const one of Object.values(value)) {
    const inner = ignoredIn(one, children as Shape);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
