import type * as z from "zod/mini";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { digestOf } from "../../shared/digest.ts";
import { StepError } from "../../shared/errors.ts";
import { checkInput } from "../../shared/input.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { callingInstance } from "../caller.ts";
import { registrationOutcome } from "../outcome.ts";
import { registrationBody } from "../request.ts";
import type { contract } from "./contract.ts";

type Answer = OutputOf<typeof contract>;

/** Far more than a registration takes, and little enough to read. */
const LONGEST_BODY = 4096;

/** Answers a registration. Who calls is what AWS has authenticated, never what the body says. */
export async function register(
  event: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<Answer> {
  const { registrations, fleet, intervalMs, sampleStore, journal } = neighbours;
  const { http, authorizer } = event.requestContext;
  const ec2InstanceId = authorizer && callingInstance(authorizer.iam, fleet);
  if (ec2InstanceId === undefined) return answer(403, { error: "The caller is no instance of this fleet." });
  if (http.method !== "POST") return answer(405, { error: "Register with POST." });

  const request = readBody(event);
  if ("error" in request) return answer(400, request);

  const answered = await registrations.run({ ...request.body, ec2InstanceId }).catch((error: Error) => {
    // Nobody was told of it: an alarm counts these.
    if (error.name === "RegistrationCutOff") journal.count("Registration", { outcome: "CUT_OFF" });
    throw error;
  });
  const outcome = registrationOutcome.safeParse(answered);
  if (!outcome.success) throw new StepError("RegistrationFailed", "The registration flow gave no known outcome.");
  journal.info("answered", { id: request.body.id, ec2InstanceId, registered: outcome.data.registered });
  return answer(
    200,
    outcome.data.registered
      ? { ...outcome.data, sampleIntervalSeconds: intervalMs / 1000, store: sampleStore }
      : outcome.data,
  );
}

function readBody({ body = "", isBase64Encoded }: InputOf<typeof contract>) {
  const text = isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
  if (text.length > LONGEST_BODY)
    return { error: `The body is longer than ${LONGEST_BODY} characters.`, field: "body" };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { error: "The body is no JSON.", field: "body" };
  }
  const checked = checkInput(registrationBody, json);
  if (checked.ok) {
    return { body: flowInputOf(checked.value) };
  }
  const field = checked.field === "input" ? "body" : checked.field;
  return { error: `${field} ${checked.problem}`, field };
}

/** What the flow is told of a request: of an update no public key, and of a rekey's nonce its digest. */
function flowInputOf(request: z.infer<typeof registrationBody>) {
  const { id, ip, agentVersion } = request;
  const said = { id, ip, ...(agentVersion !== undefined && { agentVersion }) };
  switch (request.flag) {
    case "new":
      return { ...said, flag: request.flag, publicKey: request.publicKey };
    case "update":
      return { ...said, flag: request.flag };
    case "rekey": {
      const { flag, publicKey, generation, nonce } = request;
      return { ...said, flag, publicKey, generation, nonceDigest: digestOf(nonce) };
    }
  }
}

function answer(statusCode: number, body: unknown): Answer {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
