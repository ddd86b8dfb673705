import { afterAll, beforeAll, expect, test } from "vitest";
import { STS } from "../../src/sts/sts.ts";
import { type Embedded, instancePrincipal, OPERATOR, startEmbedded } from "../http/embedded.ts";
import { signedCall } from "../http/signed.ts";

let aws: Embedded;
beforeAll(async () => {
  aws = await startEmbedded(() => [STS]);
});
afterAll(() => aws.close());

// An instance of this server may do nothing at all; that much it is told nonetheless, as on AWS.
test.each([OPERATOR, instancePrincipal("i-1")])("GetCallerIdentity tells the $kind who he is", async (principal) => {
  const response = await signedCall(aws.configFor(principal), {
    service: "sts",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "Action=GetCallerIdentity&Version=2011-06-15",
  });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain(
    `<GetCallerIdentityResult><UserId>${principal.userId}</UserId><Account>000000000000</Account>` +
      `<Arn>${principal.arn}</Arn></GetCallerIdentityResult>`,
  );
});
