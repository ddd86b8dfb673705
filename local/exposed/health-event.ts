import { ACCOUNT, type EventSink, PARTITION, REGION } from "embedded-aws";
import { HEALTH_CODES, healthRisk } from "../../events/index.ts";
import { arnAt } from "../../protocol/index.ts";

/** By which AWS says that a key was found in public. */
export const [FOUND_IN_PUBLIC = ""] = HEALTH_CODES;

/**
 * The event by which AWS Health says that an access key is exposed.
 *
 * @param communicationId the same in all copies of it
 */
export function keyExposed(
  accessKeyId: string,
  { at, communicationId }: { at: Date; communicationId: string },
): Parameters<EventSink["raise"]>[0] {
  const time = at.toUTCString();
  return {
    source: healthRisk.source,
    "detail-type": healthRisk.detailType,
    resources: [accessKeyId],
    detail: {
      eventArn: arnAt(
        { partition: PARTITION, region: REGION },
        "health",
        `event/RISK/${FOUND_IN_PUBLIC}/${FOUND_IN_PUBLIC}_${communicationId}`,
      ),
      service: "RISK",
      eventTypeCode: FOUND_IN_PUBLIC,
      eventTypeCategory: "issue",
      eventScopeCode: "ACCOUNT_SPECIFIC",
      communicationId,
      startTime: time,
      lastUpdatedTime: time,
      statusCode: "open",
      eventRegion: REGION,
      eventDescription: [
        { language: "en_US", latestDescription: "An access key of this account was found in public." },
      ],
      affectedEntities: [{ entityValue: accessKeyId, status: "IMPAIRED", lastUpdatedTime: time }],
      affectedAccount: ACCOUNT,
      page: "1",
      totalPages: "1",
    },
  };
}
