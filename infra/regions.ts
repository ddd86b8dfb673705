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

/** Whether there is Timestream for LiveAnalytics in a Region; another matter is whether an account can have it. */
export function hasTimestream(region: string): boolean {
  return WITH_TIMESTREAM.includes(region);
}

/**
 * What Keyturn needs and a Region has not: a sentence for each, with what to do.
 *
 * @param region e.g. `eu-west-1`; one that nobody has heard of may have everything
 * @param stores where samples are to go, and where they went before
 */
export function lacksOf(region: string, stores: readonly SeriesStore[]): string[] {
  const partition = PARTITIONS_WITHOUT_FUNCTION_URLS.find(({ begins }) => region.startsWith(begins));
  if (partition !== undefined) {
    return [
      `Keyturn cannot be deployed in ${region}: instances register through a Lambda function URL, and there are none in ` +
        `${partition.name}.`,
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
