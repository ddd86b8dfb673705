import { PutObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { sealsUnder } from "../audit/table.ts";
import type { Maker } from "../shared/neighbours.ts";
import type { SealArchive } from "./seal-archive.ts";

/**
 * Seals as objects in an S3 bucket with Object Lock, each locked until its time is up: in compliance mode, in which nobody
 * may shorten that, whoever owns the account.
 *
 * @param under what their names begin with
 */
export function s3SealArchive(client: S3Client, bucket: string, under: string): SealArchive {
  return {
    async keep(seal, until) {
      const put = new PutObjectCommand({
        Bucket: bucket,
        Key: `${under}${seal.day}.json`,
        Body: JSON.stringify(seal),
        ContentType: "application/json",
        // With Object Lock a second put would stand before the first one, which stays under it as an older version.
        IfNoneMatch: "*",
        ObjectLockMode: "COMPLIANCE",
        ObjectLockRetainUntilDate: new Date(until),
      });
      try {
        await client.send(put);
        return true;
      } catch (error) {
        if (error instanceof S3ServiceException && error.name === "PreconditionFailed") return false;
        throw error;
      }
    },
  };
}

/** For a deployment without a bucket: the mails and the log have the seals. */
const nowhere: SealArchive = { keep: async () => false };

export const sealArchive: Maker<"sealArchive"> = ({ SEAL_BUCKET, NAME_PREFIX, FLEET_ACCOUNT }) =>
  SEAL_BUCKET === "" ? nowhere : s3SealArchive(new S3Client(), SEAL_BUCKET, sealsUnder(NAME_PREFIX, FLEET_ACCOUNT));
