import { expect, test } from "vitest";
import { consoleLink } from "../../functions/telling/console-link.ts";

test.each([
  ["aws", "eu-west-1", "eu-west-1.console.aws.amazon.com"],
  ["aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"],
  ["aws-us-gov", "us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"],
])("in %s an execution is opened in that partition's console", (partition, region, host) => {
  const arn = `arn:${partition}:states:${region}:000000000000:execution:keyturn-rotation:one`;
  expect(consoleLink(arn)).toBe(`https://${host}/states/home?region=${region}#/v2/executions/details/${arn}`);
});
