import { AwsError, type Service } from "../http/service.ts";
import { ACCOUNT, REGION } from "../place.ts";
import { type Filter, passingAll } from "./filters.ts";
import type { InstanceRow } from "./instance-store.ts";
import { type PageInput, pageOf } from "./pages.ts";
import type { InstanceState } from "./shell.ts";

const CODES: Record<InstanceState, number> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** What the operations ask of the instances that are there. */
interface Instances {
  readonly roleName: string;
  readonly tags: Readonly<Record<string, string>>;
  launch(count: number): InstanceRow[];
  described(): InstanceRow[];
  find(ec2InstanceId: string): InstanceRow | undefined;
  send(ec2InstanceIds: string[], state: "pending" | "stopping" | "shutting-down"): void;
}

/** The operations of EC2's API that are known here. Members in small letters are what EC2 calls them on the wire. */
export function operations(instances: Instances, log: (sentence: string) => void): Service["operations"] {
  const description = (row: InstanceRow) => describe(row, instances);
  const change = (
    input: { InstanceIds?: string[] },
    to: "pending" | "stopping" | "shutting-down",
    rule: { verb: string; from: InstanceState[]; unless: InstanceState[] },
  ) => {
    refuseOthers(input, ["InstanceIds"], log);
    const before = named(instances, input.InstanceIds);
    for (const { id, state } of before) {
      if (!rule.from.includes(state) && !rule.unless.includes(state)) {
        const message = `The instance '${id}' is not in a state from which it can be ${rule.verb}.`;
        throw new AwsError("IncorrectInstanceState", message);
      }
    }
    const changing = before.filter(({ state }) => rule.from.includes(state));
    instances.send(
      changing.map(({ id }) => id),
      to,
    );
    return {
      instancesSet: before.map((row) => ({
        InstanceId: row.id,
        CurrentState: stateOf(changing.includes(row) ? to : row.state),
        PreviousState: stateOf(row.state),
      })),
    };
  };

  return {
    DescribeInstances(input: PageInput & { Filters?: Filter[] }) {
      refuseOthers(input, ["InstanceIds", "Filters", "MaxResults", "NextToken"], log);
      const page = pageOf(input);
      const all = instances.described();
      const find = (id: string) => all.find((row) => row.id === id);
      const rows = input.InstanceIds === undefined ? page.rest(all) : named({ find }, input.InstanceIds);
      const { shown, NextToken } = page.cut(rows.filter(passingAll(input.Filters ?? [], instances.tags)));
      const groups = Map.groupBy(shown, ({ reservation }) => reservation);
      const Reservations = [...groups.values()].map((group) => reservationOf(group, description));
      return { Reservations, ...(NextToken !== undefined && { NextToken }) };
    },

    RunInstances(input: { MinCount?: string; MaxCount?: string }) {
      refuseOthers(input, ["MinCount", "MaxCount", "ClientToken"], log);
      const count = Number(input.MaxCount);
      if (!Number.isInteger(count) || count < 1 || count > 100) {
        throw new AwsError("InvalidParameterValue", "MaxCount must be a number from 1 to 100.");
      }
      const rows = instances.launch(count);
      return reservationOf(rows, description);
    },

    StartInstances: (input: { InstanceIds?: string[] }) =>
      change(input, "pending", { verb: "started", from: ["stopped"], unless: ["pending", "running"] }),

    StopInstances: (input: { InstanceIds?: string[] }) =>
      change(input, "stopping", { verb: "stopped", from: ["running"], unless: ["stopping", "stopped"] }),

    TerminateInstances: (input: { InstanceIds?: string[] }) =>
      change(input, "shutting-down", {
        verb: "terminated",
        from: ["pending", "running", "stopping", "stopped"],
        unless: ["shutting-down", "terminated"],
      }),
  };
}

function named(instances: Pick<Instances, "find">, ids: string[] | undefined): InstanceRow[] {
  if (ids === undefined || ids.length === 0) {
    throw new AwsError("MissingParameter", "The request must contain the parameter InstanceId");
  }
  const malformed = ids.find((id) => !/^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
  if (malformed !== undefined) throw new AwsError("InvalidInstanceID.Malformed", `Invalid id: "${malformed}"`);
  const unknown = ids.filter((id) => instances.find(id) === undefined);
  if (unknown.length === 1) {
    throw new AwsError("InvalidInstanceID.NotFound", `The instance ID '${unknown[0]}' does not exist`);
  }
  if (unknown.length > 1) {
    throw new AwsError("InvalidInstanceID.NotFound", `The instance IDs '${unknown.join(", ")}' do not exist`);
  }
  return [...new Set(ids)].flatMap((id) => instances.find(id) ?? []);
}

/** What was launched together, as far as it was asked for. */
function reservationOf(rows: InstanceRow[], describe: (row: InstanceRow) => object): object {
  return { ReservationId: rows[0]?.reservation, OwnerId: ACCOUNT, groupSet: [], Instances: rows.map(describe) };
}

function describe(
  { id, ip, state, launched }: InstanceRow,
  { roleName, tags }: Pick<Instances, "roleName" | "tags">,
): object {
  return {
    InstanceId: id,
    ImageId: "ami-00000000000000000",
    State: stateOf(state),
    // A terminated instance has no address any more.
    ...(state !== "terminated" && { PrivateIpAddress: ip }),
    InstanceType: "t2.micro",
    LaunchTime: new Date(launched),
    Placement: { AvailabilityZone: `${REGION}a` },
    IamInstanceProfile: { Arn: `arn:aws:iam::${ACCOUNT}:instance-profile/${roleName}` },
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

function stateOf(state: InstanceState): { Code: number; Name: InstanceState } {
  return { Code: CODES[state], Name: state };
}

/** What is asked for and not known here is refused rather than left out. */
function refuseOthers(input: object, known: string[], log: (sentence: string) => void): void {
  const other = Object.keys(input).find((member) => !known.includes(member));
  if (other === undefined) return;
  log(`A call of EC2 was refused because the embedded AWS does not know its parameter ${other}.`);
  throw new AwsError("UnknownParameter", `The parameter ${other} is not recognized`);
}
