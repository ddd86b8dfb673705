import { AwsError } from "embedded-aws";
import type { Pass } from "../../functions/clients/authority.fake.ts";
import type { ExecutionEnd, Executions } from "../../functions/clients/executions.ts";
import { fakeHosts } from "../../functions/clients/hosts.fake.ts";
import type { PassRequest } from "../../functions/clients/issuer.fake.ts";
import { type Registrations, registrationError } from "../../functions/clients/registrations.ts";
import type { Given, Neighbours } from "../../functions/shared/neighbours.ts";
import { INTERVAL_MS, ROTATE_EVERY_MS, SKEW_MS } from "../functions/support.ts";
import type { Account } from "./account.ts";
import { FLEET } from "./fleet.ts";

/** How far readers are behind their writer. */
const LAG_MS = 3000;

/** The watch judges all proofs, and sees all hosts, with each look. */
const LOOKS_EVERY_MS = 5 * INTERVAL_MS;

/**
 * All that a step may be given in an account: each method of a neighbour is a call that is written down.
 *
 * @param settings where the account is set otherwise than most are
 */
export function neighboursOf(account: Account, caller: string, settings: Partial<Given> = {}): Neighbours & Given {
  const {
    calls,
    flows,
    registry,
    audit,
    sealArchive,
    findings,
    vault,
    nonces,
    tickets,
    timeSeries,
    bus,
    mail,
    commands,
    clock,
    random,
    journal,
    secrets,
    credentials,
    uses,
    authorities,
    accessKeys,
    trail,
  } = account;
  const registrations: Registrations = {
    run: async (input) => {
      const run = () => flows.startSync("registration", input);
      const { status, output, error } = await calls.passThrough(caller, "registrations.run", run);
      if (status !== "SUCCEEDED") throw registrationError({ execution: "It", status, error: error ?? "" });
      return JSON.parse(output ?? "null");
    },
  };
  const executions: Executions = {
    async endTask(taskToken, end) {
      if ("error" in end) account.functions.raised.push(`${caller} ${end.error}`);
      return flows.endTask(taskToken, end);
    },
    async start({ flow, name, input }) {
      try {
        flows.start(flow, input, name);
        return "started";
      } catch (error) {
        if (error instanceof AwsError && error.code === "ExecutionAlreadyExists") return "there";
        throw error;
      }
    },
    async find({ flow, name }) {
      const found = flows.find(flow, name);
      return (
        found && { status: found.status as ExecutionEnd["status"], error: found.error ?? "", cause: found.cause ?? "" }
      );
    },
    arnOf: async ({ flow, name }) => `arn:aws:states:us-east-1:000000000000:execution:keyturn-${flow}:${name}`,
    lastStart: async (flow) => flows.last(flow)?.started,
  };
  const hosts = fakeHosts(
    new Map([...account.hosts].map(([ec2InstanceId, { state, said }]) => [ec2InstanceId, said ?? state])),
    new Map([...account.hosts].map(([ec2InstanceId, { launched }]) => [ec2InstanceId, launched])),
    undefined,
    // A large fleet is listed in a few pages.
    Math.max(2, Math.ceil(account.hosts.size / 3)),
  );
  const all: Omit<Neighbours, "registrations"> = {
    ...{
      registry,
      audit,
      sealArchive,
      findings,
      vault,
      nonces,
      tickets,
      timeSeries,
      commands,
      executions,
      hosts,
      mail,
      bus,
      secrets,
      credentials,
      uses,
      authorities,
      accessKeys,
      trail,
    },
  };
  const watched = Object.entries(all).map(([name, neighbour]) => [name, calls.watch(caller, name, neighbour)]);
  return {
    ...(Object.fromEntries(watched) as typeof all),
    registrations,
    // Each statement of a change is a call as well. What is committed comes to the readers a moment later.
    authorities: {
      issuerOf(credential) {
        const pass: PassRequest = (request, run) => calls.pass(caller, `issuer.${request}`, run);
        const { issue, revoke, ...asks } = authorities.issuerOf(credential).through(pass);
        return { issue, revoke, ...calls.watch(caller, "issuer", asks) };
      },
      of(credential) {
        const authority = authorities.of(credential);
        const pass: Pass = async (statement, run) => {
          const done = await calls.pass(caller, `authority.${statement}`, run);
          if (statement === "commit") clock.after(LAG_MS, authority.catchUp);
          return done;
        };
        const { honour, refuse, ...asks } = authority.through(pass);
        return { honour, refuse, ...calls.watch(caller, "authority", asks) };
      },
    },
    ...{
      now: clock.now,
      wait: (ms) => clock.sleep(ms),
      random,
      journal,
      intervalMs: INTERVAL_MS,
      skewMs: SKEW_MS,
      rotateEveryMs: ROTATE_EVERY_MS,
    },
    ...{
      looksEveryMs: LOOKS_EVERY_MS,
      proofsEveryMs: LOOKS_EVERY_MS,
      silentAfterMs: 2 * ROTATE_EVERY_MS,
      auditKeptMs: 365 * ROTATE_EVERY_MS,
    },
    ...{ nonceMode: "hmac", fleet: FLEET, sampleStore: { kind: "dynamodb", table: "samples" } },
    credentialSettings: [],
    exposedKeySettings: { then: "deactivate", denySessions: true, regions: ["us-east-1"], lookBackHours: 24 },
    ...settings,
  };
}
