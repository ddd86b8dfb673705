/** What the ways out of a private subnet cost, which are none of Keyturn's own: docs/costs.md holds the table. */

export const HOURS_A_MONTH = 730;

/** US dollars for an hour in one Availability Zone, and for each GB: list prices of us-east-1 in November 2026. */
const WAYS_OUT = [
  { what: "gateway endpoints: DynamoDB, S3", hour: 0, gb: 0 },
  { what: "an egress-only internet gateway (IPv6)", hour: 0, gb: 0 },
  { what: "an interface endpoint, e.g. of Secrets Manager or of Timestream's cell", hour: 0.01, gb: 0.01 },
  { what: "three interface endpoints: `ssm`, `ssmmessages`, `ec2messages`", hour: 3 * 0.01, gb: 0.01 },
  // Its public IPv4 address is paid for as well.
  { what: "a NAT gateway with its public address", hour: 0.045 + 0.005, gb: 0.045 },
];

/** What a private subnet costs in a month, by the Availability Zones that it is to be in, as a Markdown table. */
export function networkTable(zones = [1, 3]): string {
  const rows = WAYS_OUT.map(({ what, hour, gb }) => {
    const months = zones.map((count) => `$${(hour * HOURS_A_MONTH * count).toFixed(2)}`);
    return `| ${what} | ${months.join(" | ")} | $${gb.toFixed(3)} |`;
  });
  const heads = zones.map((count) => `a month in ${count} ${count === 1 ? "zone" : "zones"}`);
  return [`| what | ${heads.join(" | ")} | each GB |`, "| --- | ---: | ---: | ---: |", ...rows].join("\n");
}
