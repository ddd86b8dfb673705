import { functionNameOf } from "../../../functions/steps.ts";
import { hex64Of } from "../../functions/support.ts";
import { FLEET } from "../../harness/fleet.ts";
import type { Fleet } from "../fleet.ts";
import { kind } from "../kind.ts";
import { AN_HOUR_MS } from "../times.ts";

const REGISTER = functionNameOf({ flow: "registration", name: "register" });
/** From where he says that he calls. */
const IP = "198.51.100.7";
const NONE = "ffffff";

const AS_ANOTHER = ["new", "update", "rekey"] as const;
/** What answers a request that has not its form. */
const MALFORMED: unknown[] = [
  ...["", "{", "[]", '"new"', { flag: "new" }, { flag: "old", id: "0a1b2c", ip: IP }],
  { flag: "new", id: "0A1B2C", ip: IP, publicKey: hex64Of("a public key") },
  { flag: "new", id: "0a1b2c", ip: "10.0.0", publicKey: hex64Of("a public key") },
  { flag: "new", id: "0a1b2c", ip: IP, publicKey: "0".repeat(64) },
  { flag: "rekey", id: "0a1b2c", ip: IP, publicKey: hex64Of("a public key"), generation: 0, nonce: "" },
  { flag: "update", id: "0a1b2c", ip: IP, publicKey: "a".repeat(5000) },
];

/** Calls the registration function. @returns nothing where the function itself failed */
async function call(
  fleet: Fleet,
  ec2InstanceId: string,
  body: unknown,
  { roleId = FLEET.roleIds[0], account = FLEET.account } = {},
) {
  const userArn = `arn:aws:sts::${account}:assumed-role/KeyturnInstance/${ec2InstanceId}`;
  const iam = { accountId: account, userId: `${roleId}:${ec2InstanceId}`, userArn };
  const requestContext = { http: { method: "POST" }, authorizer: { iam } };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await fleet.world.functions.invoke(REGISTER, { body: text, isBase64Encoded: false, requestContext });
  if (!answer.ok) return undefined;
  const { statusCode, body: said } = answer.payload as { statusCode: number; body: string };
  return { statusCode, said: JSON.parse(said) as { registered?: boolean; reason?: string; field?: string } };
}

/** An instance registers, updates or answers a rekey in the name of another, or of none: it is refused, and people are told of it. */
export const impostor = kind<{ agent: number; victimAgent: number | "nobody"; flag: (typeof AS_ANOTHER)[number] }>({
  rate: { perAgentDay: 0.02 },
  draw: (draw) => ({
    agent: draw.agent(),
    victimAgent: draw.one([draw.agent(), draw.agent(), "nobody"]),
    flag: draw.one(AS_ANOTHER),
  }),
  befall({ agent, victimAgent, flag }, fleet) {
    const { ec2InstanceId } = fleet.agent(agent);
    if (victimAgent === agent || (victimAgent === "nobody" && flag === "new")) return;
    const record = victimAgent === "nobody" ? undefined : fleet.recordOf(fleet.agent(victimAgent));
    if (victimAgent !== "nobody" && record === undefined) return;
    const { id, rekey } = record ?? { id: NONE };
    const publicKey = hex64Of(`an impostor at ${fleet.now}`);
    const asked = { generation: rekey?.generation ?? 2, nonce: rekey?.nonce ?? hex64Of("a nonce") };
    const body = { flag, id, ip: IP, publicKey, ...(flag === "rekey" && asked) };
    const reason = flag === "new" ? "ID_TAKEN" : record === undefined ? "UNKNOWN_ID" : "NOT_OWNER";
    void call(fleet, ec2InstanceId, body).then((answer) => {
      // The registration itself may have failed, or its flow be away.
      if (answer?.statusCode !== 200) return;
      const { said } = answer;
      if (said.registered !== false || said.reason !== reason) {
        fleet.world.broken.push(`an impostor who says ${flag} for ${id} is answered ${JSON.stringify(said)}`);
      }
      if (reason === "ID_TAKEN") return;
      const because = `it asked to register ${id} by ${flag}`;
      fleet.expectations.add({ subjects: [ec2InstanceId], causes: [reason], because }, 2 * AN_HOUR_MS);
    });
  },
});

/** Somebody who is no instance of the fleet, or says what has not the form of a request: he is answered so, and nothing is written. */
export const outsider = kind<{ agent: number; how: "malformed" | "another role" | "another account"; body: number }>({
  rate: { perAgentDay: 0.02 },
  draw: (draw) => ({
    agent: draw.agent(),
    how: draw.one(["malformed", "another role", "another account"] as const),
    body: draw.integer(0, MALFORMED.length - 1),
  }),
  befall({ agent, how, body }, fleet) {
    const host = fleet.agent(agent);
    const id = fleet.recordOf(host)?.id ?? NONE;
    const [says, as, statusCode] = {
      malformed: [MALFORMED[body], {}, 400] as const,
      "another role": [{ flag: "update", id, ip: IP }, { roleId: "AROAANOTHER" }, 403] as const,
      "another account": [{ flag: "update", id, ip: IP }, { account: "999999999999" }, 403] as const,
    }[how];
    void call(fleet, host.ec2InstanceId, says, as).then((answer) => {
      if (answer === undefined || answer.statusCode === statusCode) return;
      fleet.world.broken.push(`an outsider (${how}, ${body}) is answered ${JSON.stringify(answer)}`);
    });
  },
});
