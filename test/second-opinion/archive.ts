import { CreateBucketCommand, GetObjectCommand, NoSuchKey, S3Client } from "@aws-sdk/client-s3";
import { sealsUnder } from "../../functions/audit/table.ts";
import { s3SealArchive } from "../../functions/clients/seal-archive.s3.ts";
import type { Place } from "../functions/clients/aws-under-test.ts";
import type { ReadableArchive } from "../functions/clients/seal-archive.suite.ts";

const BUCKET = "seals-of-the-account";
const UNDER = sealsUnder("keyturn", "111122223333");

/** A bucket with Object Lock, as whoever deploys makes it, and how its objects are read. */
export async function archiveInS3(place: Place): Promise<ReadableArchive> {
  const client = new S3Client({ ...place, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET, ObjectLockEnabledForBucket: true }));
  return {
    archive: s3SealArchive(client, BUCKET, UNDER),
    async kept(day) {
      try {
        const get = new GetObjectCommand({ Bucket: BUCKET, Key: `${UNDER}${day}.json` });
        const { Body, ObjectLockRetainUntilDate } = await client.send(get);
        const seal = JSON.parse((await Body?.transformToString()) ?? "null");
        return { seal, until: ObjectLockRetainUntilDate?.getTime() ?? 0 };
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
  };
}
