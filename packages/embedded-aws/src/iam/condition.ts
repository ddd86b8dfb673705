import { anyArnOf, anyOf } from "./pattern.ts";
import { timeOf } from "./time.ts";

/** By operator and condition key what a call must have; a value's `${ec2:SourceInstanceARN}` is the calling instance. */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** The condition keys of a call; one that is not there has no value. */
export type Context = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a value of the policy is compared by, and what it says of a key that the call has, or has not. */
interface Operator {
  /** Whether a value of the policy is of the form that it compares; any text where it is left out. */
  takes?: (value: string) => boolean;
  compare: (values: readonly string[]) => (value: string) => boolean;
  holds: (given: readonly string[] | undefined, fits: (value: string) => boolean) => boolean;
}

const exactly = (values: readonly string[]) => (value: string) => values.includes(value);
const truth = (values: readonly string[]) => exactly(values.map((value) => value.toLowerCase()));
const some: Operator["holds"] = (given, fits) => given?.some(fits) ?? false;
const none: Operator["holds"] = (given, fits) => !(given?.some(fits) ?? false);
const all: Operator["holds"] = (given, fits) => given?.every(fits) ?? true;

/** Compares times; a key that the call has not is none of them. */
const dates = (fits: (given: number, wanted: number) => boolean): Operator => ({
  takes: (value) => timeOf(value) !== undefined,
  compare: (values) => (value) =>
    values.some((wanted) => fits(timeOf(value) ?? Number.NaN, timeOf(wanted) ?? Number.NaN)),
  holds: some,
});

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: { compare: exactly, holds: some },
  StringNotEquals: { compare: exactly, holds: none },
  StringLike: { compare: anyOf, holds: some },
  ArnEquals: { compare: anyArnOf, holds: some },
  ArnLike: { compare: anyArnOf, holds: some },
  ArnNotLike: { compare: anyArnOf, holds: none },
  Bool: { compare: truth, holds: some },
  Null: { compare: truth, holds: (given, fits) => fits(String(given === undefined)) },
  DateLessThan: dates((given, wanted) => given < wanted),
  DateLessThanEquals: dates((given, wanted) => given <= wanted),
  DateGreaterThan: dates((given, wanted) => given > wanted),
  DateGreaterThanEquals: dates((given, wanted) => given >= wanted),
  "ForAllValues:StringEquals": { compare: exactly, holds: all },
};

/** The keys that calls have here; those that end in a name of the caller's choice as a beginning. */
const KEYS = new Set([
  ...["aws:PrincipalArn", "aws:SourceArn", "aws:SourceAccount", "aws:SecureTransport", "ec2:SourceInstanceARN"],
  "aws:TokenIssueTime",
  ...["dynamodb:LeadingKeys", "kms:ViaService", "kms:EncryptionContextKeys", "kms:MacAlgorithm"],
  ...["lambda:FunctionUrlAuthType", "lambda:InvokedViaFunctionUrl"],
]);
const NAMED_KEYS = ["kms:EncryptionContext:", "ssm:resourceTag/"];
const VARIABLE = "${ec2:SourceInstanceARN}";

/**
 * Reads a condition: all of its operators and keys must hold.
 *
 * @throws what `refuse` makes of an operator, a key or a variable that is not known: passed over, it would allow more
 */
export function conditionOf(condition: Condition, refuse: (what: string) => Error): (context: Context) => boolean {
  const tests = Object.entries(condition).flatMap(([name, keys]) => {
    const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
    if (operator === undefined) throw refuse(`it knows no condition operator ${name}`);
    return Object.entries(keys).map(([key, value]) => {
      if (!KEYS.has(key) && !NAMED_KEYS.some((start) => key.startsWith(start))) {
        throw refuse(`it knows no condition key ${key}`);
      }
      return testOf(operator, key, [value].flat().map(String), refuse);
    });
  });
  return (context) => tests.every((holds) => holds(context));
}

function testOf(
  { takes, compare, holds }: Operator,
  key: string,
  values: readonly string[],
  refuse: (what: string) => Error,
): (context: Context) => boolean {
  const givenIn = (context: Context) => {
    const given = context[key];
    return typeof given === "string" ? [given] : given;
  };
  const unknown = values.find((value) => value.replaceAll(VARIABLE, "").includes("${"));
  if (unknown !== undefined) throw refuse(`it knows no variable in ${unknown}`);
  const odd = takes && values.find((value) => !takes(value));
  if (odd !== undefined) throw refuse(`it cannot compare ${key} by ${odd}`);
  if (!values.some((value) => value.includes(VARIABLE))) {
    const fits = compare(values);
    return (context) => holds(givenIn(context), fits);
  }
  return (context) => {
    const instance = context["ec2:SourceInstanceARN"];
    // Without the variable's value the statement is about nobody, also one that would otherwise hold for no value.
    if (typeof instance !== "string") return false;
    return holds(givenIn(context), compare(values.map((value) => value.replaceAll(VARIABLE, instance))));
  };
}
