import { RegionInfo } from "aws-cdk-lib/region-info";
import type { SeriesStore } from "../protocol/index.ts";

/**
 * Regions in which Lambda has no function URLs, by AWS's developer guide in November 2026. CloudFormation refuses the whole
 * template there: to it, AWS::Lambda::Url is no type. https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
 */
const WITHOUT_FUNCTION_URLS = [
  ...["ap-east-2", "ap-south-2", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7"],
  ...["ca-west-1", "eu-central-2", "eu-south-2", "il-central-1", "me-central-1"],
];

/**
 * Partitions in which no Region has function URLs, by how their Regions' names begin.
 * https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-lambda.html
 * https://docs.amazonaws.cn/en_us/aws/latest/userguide/lambda.html
 */
const PARTITIONS_WITHOUT_FUNCTION_URLS = [
  { begins: "us-gov-", name: "AWS GovCloud (US)" },
  { begins: "cn-", name: "AWS's Regions in China" },
];

/**
 * The Regions that have Timestream for LiveAnalytics, apart from GovCloud's. It has been closed to new customers since
 * 20 June 2025, so that no further ones come. https://docs.aws.amazon.com/general/latest/gr/timestream.html
 */
const WITH_TIMESTREAM = [
  ...["us-east-1", "us-east-2", "us-west-2", "eu-central-1", "eu-west-1"],
  ...["ap-northeast-1", "ap-south-1", "ap-southeast-2"],
];

/**
 * By partition, the Region to which AWS Health's events of the whole account come, and in which CloudTrail has the calls to IAM.
 * China's two Regions have each other's events of Health; IAM is in the first of them.
 * https://docs.aws.amazon.com/health/latest/ug/choosing-a-region.html
 * https://docs.amazonaws.cn/en_us/health/latest/ug/choosing-a-region.html
 */
const HOMES: Readonly<Record<string, string>> = {
  aws: "us-east-1",
  "aws-us-gov": "us-gov-west-1",
  "aws-cn": "cn-north-1",
};

/** The partition that a Region is in; `aws` for one that nobody has heard of. */
export function partitionOf(region: string): string {
  return RegionInfo.get(region).partition ?? "aws";
}

/**
 * In which Region it becomes known, and is seen, that an access key of an account is exposed. In partitions of which no more is
 * known it is the Region itself: most have one.
 */
export function homeRegionOf(region: string): string {
  return HOMES[partitionOf(region)] ?? region;
}

/** Whether there is Timestream for LiveAnalytics in a Region; another matter is whether an account can have it. */
export function hasTimestream(region: string): boolean {
  return WITH_TIMESTREAM.includes(region);
}

/**
 * What Keyturn needs and a Region has not: a sentence for each, with what to do.
 *
 * @param region e.g. `eu-west-1`; one that nobody has heard of may have everything
 * @param stores where samples are to go, and where they went before
 * @param exposedKeys what of exposed keys is deployed: alone, it needs less, and one Region
 */
export function lacksOf(
  region: string,
  stores: readonly SeriesStore[],
  exposedKeys: "off" | "on" | "alone" = "off",
): string[] {
  if (exposedKeys === "alone") return misplaced(region);
  const partition = PARTITIONS_WITHOUT_FUNCTION_URLS.find(({ begins }) => region.startsWith(begins));
  if (partition !== undefined) {
    return [
      `Keyturn cannot be deployed in ${region}: instances register through a Lambda function URL, and there are none in ` +
        `${partition.name}. What shuts exposed access keys can, in ${homeRegionOf(region)}, by one line in cdk.json under ` +
        '"exposedKeys": "deploy": "alone",',
    ];
  }
  return [
    ...(WITHOUT_FUNCTION_URLS.includes(region)
      ? [
          `Keyturn cannot be deployed in ${region}: instances register through a Lambda function URL, and that Region has ` +
            "none. Take another one, e.g. by AWS_REGION=eu-west-1.",
        ]
      : []),
    ...(stores.includes("timestream") && !hasTimestream(region)
      ? [
          `There is no Timestream for LiveAnalytics in ${region}. Keep the samples in DynamoDB, by one line in cdk.json: ` +
            '"timeSeries": "auto",',
        ]
      : []),
  ];
}

/** Where exposed keys are shut and there is no fleet, one Region is the right one. */
function misplaced(region: string): string[] {
  const home = homeRegionOf(region);
  if (region === home) return [];
  return [
    `What shuts exposed access keys is deployed in ${home}, since AWS Health's events of the account come there, and not to ` +
      `${region}: take that Region, by AWS_REGION=${home}. To have it there beside a fleet in ${region}, in cdk.json under ` +
      '"exposedKeys": "deploy": "on",',
  ];
}
