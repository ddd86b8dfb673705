import { AwsError } from "../http/service.ts";

/** What dynalite would take and not do. A caller that relied on it would be misled, so it is refused. */
const IGNORED: Record<string, (value: unknown) => boolean> = {
  ReturnValuesOnConditionCheckFailure: (value) => value !== "NONE",
  StreamSpecification: (value) => (value as { StreamEnabled?: boolean }).StreamEnabled === true,
};

/** @throws AwsError ValidationException when the input asks for something that dynalite ignores */
export function refuseWhatIsIgnored(input: unknown, log: (sentence: string) => void): void {
  for (const [name, asksForIt] of Object.entries(IGNORED)) {
    const value = (input as Record<string, unknown>)[name];
    if (value === undefined || value === null || !asksForIt(value)) continue;
    const message = `The embedded AWS does not know DynamoDB's parameter '${name}'.`;
    log(message);
    throw new AwsError("ValidationException", message);
  }
}
