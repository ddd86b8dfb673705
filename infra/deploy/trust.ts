import type { Role, TrustStatement } from "./account.ts";

/** EC2 as a principal; in China it has another name as well. */
const EC2 = /^ec2\.amazonaws\.com(\.cn)?$/;

/**
 * Whether EC2 alone may assume a role. Whoever else may could name their session after any instance, and so register and prove
 * in its place.
 */
export function onlyEc2Assumes({ trust }: Role): boolean {
  const allowing = [trust.Statement ?? []].flat().filter(({ Effect }) => Effect === "Allow");
  return allowing.length > 0 && allowing.every(isAboutEc2);
}

function isAboutEc2({ Principal }: TrustStatement): boolean {
  if (Principal === undefined || Principal === "*") return false;
  const { Service = [], ...others } = Principal;
  const services = [Service].flat();
  return Object.keys(others).length === 0 && services.length > 0 && services.every((one) => EC2.test(one));
}
