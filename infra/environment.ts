import { Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { StepContract } from "../functions/shared/contract.ts";
import type { ExposedKeySettings } from "../functions/shared/exposed-key-settings.ts";
import { settingsOf } from "../functions/shared/neighbours.ts";
import type { SettingName } from "../functions/shared/settings.ts";
import { namesIn } from "./in-stack.ts";
import { type Arns, liveArnOf } from "./rights/arns.ts";
import { toldOf } from "./settings/credentials.ts";
import type { Settings } from "./settings.ts";

/**
 * Every variable that a step may read, with its value in this deployment. The type holds it against functions/shared/
 * settings.ts: a variable that a step reads and nobody gives does not compile.
 *
 * @param fleetRoleIds unique IDs of the roles that instances run under
 */
export function variables(
  scope: IConstruct,
  settings: Settings,
  arns: Arns,
  fleetRoleIds: string[],
): Record<SettingName, string> {
  const names = namesIn(scope);
  const { then, regions, lookBackHours, denySessions } = settings.exposedKeys;
  const silentAfterHours = arns.parts.includes("fleet") ? settings.schedule.silentAfterHours : 0;
  return {
    NAME_PREFIX: names.prefix,
    INSTANCE_TABLE: names.instanceTable,
    AUDIT_TABLE: names.auditTable,
    SEAL_BUCKET: settings.audit.bucket,
    AUDIT_KEPT_DAYS: String(365 * settings.audit.keepYears),
    FINDING_TABLE: names.findingTable,
    KEY_ENCRYPTION_KEY: arns.keyMaterialKey,
    NONCE_KEY: arns.nonceKey,
    NONCE_MODE: settings.nonce,
    TIME_SERIES: settings.timeSeries,
    FORMER_TIME_SERIES: settings.formerTimeSeries,
    TIMESTREAM_DATABASE: names.timestreamDatabase,
    TIMESTREAM_TABLE: names.timestreamTable,
    TICKET_TABLE: names.ticketTable,
    SERIES_TABLE: names.seriesTable,
    SAMPLE_INTERVAL_SECONDS: String(settings.sampleIntervalSeconds),
    ALLOWED_SKEW_SECONDS: String(settings.allowedSkewSeconds),
    ROTATE_EVERY_SECONDS: String(settings.rotateEveryHours * 3600),
    PUSH_DOCUMENT: names.pushDocument,
    ALERT_TOPIC_ARN: arns.alertTopic,
    EVENT_BUS: names.eventBus,
    REGISTRATION_FLOW_ARN: liveArnOf(arns, "registration"),
    ROTATION_FLOW_ARN: liveArnOf(arns, "rotation"),
    FLEET_ROTATION_FLOW_ARN: liveArnOf(arns, "fleet-rotation"),
    CREDENTIAL_FLOW_ARN: liveArnOf(arns, "credential"),
    EXPOSED_KEY_FLOW_ARN: liveArnOf(arns, "exposed-key"),
    EXPOSED_KEYS: JSON.stringify({ then, regions, lookBackHours, denySessions } satisfies ExposedKeySettings),
    CREDENTIALS: JSON.stringify(toldOf(settings.credentials)),
    SCHEDULE_SILENT_SECONDS: String(silentAfterHours * 3600),
    WATCH_LOOK_SECONDS: String(settings.watch.freshnessMinutes * 60),
    WATCH_PROOF_SECONDS: String(settings.watch.proofMinutes * 60),
    FLEET_ROLE_IDS: fleetRoleIds.join(","),
    FLEET_ACCOUNT: Stack.of(scope).account,
    FLEET_PARTITION: Stack.of(scope).partition,
  };
}

/** The variables of one step: those that follow from what its contract names, and no other. */
export function environmentOf(step: StepContract, values: Record<SettingName, string>): Record<string, string> {
  return Object.fromEntries(settingsOf(step).map((name) => [name, values[name]]));
}
