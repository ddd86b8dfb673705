/** S3 keeps these beginnings and ends for what is no bucket of its own kind, such as access points. */
const KEPT_BY_S3 = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** Whether S3 takes a name for a bucket. */
export function isBucketName(name: string): boolean {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) return false;
  const looksLikeAnAddress = /^\d+(\.\d+){3}$/.test(name);
  return !name.includes("..") && !looksLikeAnAddress && !KEPT_BY_S3.test(name);
}
