/**
 * Puts an ARN together: the one place where that is done, so that nothing takes a partition for granted.
 *
 * @param place its partition, e.g. `aws`; Region and account are left out where the service has them in no ARN
 * @param resource e.g. `instance/i-0123456789abcdef0`
 */
export function arnAt(
  { partition, region = "", account = "" }: { partition: string; region?: string; account?: string },
  service: string,
  resource: string,
): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}
