import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { credentialRotationRequested, type DetailOf, SOURCE } from "../../events/index.ts";
import { dynamoFindings } from "../../functions/clients/findings.dynamodb.ts";
import { tryName } from "../../functions/credential/tries.ts";
import { printable } from "../../functions/shared/printable.ts";
import type { Context } from "../context.ts";
import { EXIT, Stopped } from "../exits.ts";
import { clientIn } from "../place/clients.ts";
import { executionArnIn } from "../place/place.ts";
import { describe, type Execution, followBegun, running } from "./follow.ts";
import type { Hand } from "./hand.ts";

type Asked = DetailOf<typeof credentialRotationRequested>;

/**
 * Asks by an event that a credential be turned.
 *
 * @returns ARN of the execution that will turn it, unless it is refused: its first try is named by the event's ID
 * @throws Stopped (1) where the bus does not let the caller put events
 */
export async function requestTurn(detail: Asked, hand: Hand): Promise<string> {
  const { place, caller } = hand;
  const entry = {
    EventBusName: place.names.eventBus,
    Source: SOURCE,
    DetailType: credentialRotationRequested.detailType,
    Detail: JSON.stringify(credentialRotationRequested.detail.parse(detail)),
  };
  const shut = (said: string) =>
    new Stopped(
      EXIT.failed,
      `The bus ${place.names.eventBus} takes no events of ${caller.who}: ${said} List the role or the user under eventSenders in cdk.json, and deploy.`,
    );
  try {
    const { Entries: [taken] = [] } = await clientIn(EventBridgeClient, hand).send(
      new PutEventsCommand({ Entries: [entry] }),
    );
    if (taken?.EventId === undefined) throw shut(`${taken?.ErrorCode ?? "no answer"}.`);
    return executionArnIn(place, caller, "credential", tryName({ secret: detail.secret, token: taken.EventId }, 1));
  } catch (error) {
    const isDenied = error instanceof Error && error.name === "AccessDeniedException";
    // Whom the bus lets in, and who has no policy, is told of the policy, as by every command.
    if (!isDenied || !error.message.includes("explicit deny")) throw error;
    throw shut("its policy denies them.");
  }
}

/** What is told of a secret that cannot be turned: of one that no settings know in quotation marks. */
interface Refusals {
  /** Whether there is a refusal that was not there before, and what it says. */
  newest(): Promise<string | undefined>;
}

/** Looks which refusals stand before something is asked for: a later one is the answer to that. */
export async function watchRefusals(secret: string, { place, out }: Pick<Context, "place" | "out">): Promise<Refusals> {
  const findings = dynamoFindings(clientIn(DynamoDBClient, { place, out }), place.names.findingTable);
  const find = () =>
    Promise.all(
      [secret, `"${printable(secret)}"`].map((subject) => findings.find({ subject, cause: "RequestRefused" })),
    );
  const before = await find();
  return {
    async newest() {
      const found = (await find()).find((one, i) => one !== undefined && one.seenAt !== before[i]?.seenAt);
      return found && (found.facts.said ?? "It was refused.");
    },
  };
}

/** How long it is waited for anything to come of what was asked for: EventBridge and Lambda deliver within seconds. */
const LONGEST_SILENCE_MS = 10 * 60_000;
const NOT_BEGUN = {
  status: "FAILED",
  error: "NotBegun",
  cause: "It was asked for ten minutes ago, and has neither begun nor been refused.",
} as const;

/**
 * Waits until the execution that turns a credential is over, or it is told that none will.
 *
 * @param until `begun` waits only until there is one: a name that nobody knows is refused after it was asked for
 */
export async function awaitTurn(
  arn: string,
  refusals: Refusals,
  hand: Hand,
  until: "begun" | "over" = "over",
): Promise<Execution> {
  const { sfn, out, now } = hand;
  const since = now();
  const look = async (): Promise<Execution | undefined> => {
    const seen = await describe(arn, sfn);
    if (seen !== undefined) return seen;
    const cause = await refusals.newest();
    if (cause !== undefined) return { ...running(""), status: "FAILED", error: "RequestRefused", cause };
    return now() - since > LONGEST_SILENCE_MS ? { ...running(""), ...NOT_BEGUN } : undefined;
  };
  const onLook = () => out.progress(`under way for ${Math.floor((now() - since) / 1000)} s`);
  const enough = until === "begun" && { isEnough: () => true };
  return followBegun(arn, look, { onLook, ...enough }, hand);
}
