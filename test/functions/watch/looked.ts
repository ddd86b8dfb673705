import type { HostState } from "../../../functions/clients/hosts.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import { lookAtRecords } from "../../../functions/watch/look-at-records/step.ts";
import { notifySns } from "../../../functions/watch/notify-sns/step.ts";
import { type ControlPlane, controlPlane, INTERVAL_MS, NOW, recordOf, TestInstance } from "../support.ts";

export const LOOK = "arn:aws:states:us-east-1:000000000000:execution:keyturn-watch:look";
export const AN_HOUR_MS = 3600_000;

/** What has a record that is all right: its key young, not due, and judged a moment ago. */
const SOUND = { dueAt: NOW + 24 * AN_HOUR_MS, verdict: "MATCH", judgedAt: NOW - INTERVAL_MS };

/** A plane whose one instance's key is not old, and which was judged a minute ago. */
export async function watched(changes: Partial<InstanceRecord> = {}): Promise<ControlPlane> {
  const plane = await controlPlane({ ...SOUND, ...changes });
  await alterRecord(plane, plane.instance.id, ({ current }) => {
    current.since = NOW - AN_HOUR_MS;
  });
  return plane;
}

/** A further one, on a host of its own. */
export async function watchedBeside(
  plane: ControlPlane,
  id: string,
  changes: Partial<InstanceRecord> = {},
  state: HostState = "running",
): Promise<TestInstance> {
  const instance = new TestInstance({ id, ec2InstanceId: `i-00000000000${id}` });
  await plane.registry.add(await recordOf(instance, plane.vault, { ...SOUND, ...changes }));
  await plane.registry.writeOwner(instance.ec2InstanceId, { holder: id, cameAt: [] }, undefined);
  await alterRecord(plane, id, ({ current }) => {
    current.since = NOW - AN_HOUR_MS;
  });
  plane.states.set(instance.ec2InstanceId, state);
  return instance;
}

/** Somebody alters a record past all conditions. */
export async function alterRecord(
  plane: ControlPlane,
  id: string,
  alter: (record: InstanceRecord) => void,
): Promise<void> {
  const record = await plane.record(id);
  alter(record);
  plane.registry.records.set(id, record);
}

/** It proves its key now. */
export function prove(plane: ControlPlane, instance = plane.instance): void {
  const { id, ec2InstanceId } = instance;
  plane.timeSeries.write(id, ec2InstanceId, instance.sampleAt(plane.now()));
}

/** The watch looks at the records, all in one page. */
export function lookOnce(plane: ControlPlane, neighbours: Partial<ControlPlane> = {}) {
  return lookAtRecords({ execution: LOOK }, { ...plane, ...neighbours });
}

/** A look ends as one that came to its end. */
export function notify(plane: ControlPlane, input: { complete?: boolean } = {}) {
  return notifySns({ at: plane.now(), complete: true, execution: LOOK, ...input }, plane);
}

/** What was mailed, by its subject. */
export function subjects({ mail }: Pick<ControlPlane, "mail">): string[] {
  return mail.sent.map(({ subject }) => subject);
}
