import { expect, test } from "vitest";
import { shopApplicationOn } from "../../../local/shop/application.ts";
import { shopSettings } from "../../../local/shop/shop.ts";

const urls = {
  tokenUrl: "http://127.0.0.1:2/token",
  revocationUrl: "http://127.0.0.1:2/revoke",
  probeUrl: "http://127.0.0.1:2/resource",
};
const application = {
  bundle: "/data/example-token.mjs",
  endpoint: "http://127.0.0.1:1",
  shop: {
    ports: { issuer: 2, cart: 3 },
    settings: shopSettings(urls, { quietSeconds: 5, deadlineSeconds: 30, lifetimeSeconds: 3600 }),
  },
  settings: { timeSeries: "timestream" },
} as const;
const on = (ec2InstanceId: string, instances: string[]) =>
  shopApplicationOn({ ec2InstanceId, folder: "/data", metadataEndpoint: "http://127.0.0.1:5" }, instances, application);

test("the third instance has it, or the last one of fewer", () => {
  const has = (all: string[]) => all.filter((one) => on(one, all).length > 0);
  expect([has(["a"]), has(["a", "b"]), has(["a", "b", "c"]), has(["a", "b", "c", "d"])]).toEqual([
    ["a"],
    ["b"],
    ["c"],
    ["c"],
  ]);
});

test("it is told where it is, and where the API is, which is not for the secret to say", () => {
  expect(on("a", ["a"])[0]?.environment).toMatchObject({
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
    AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:5",
    EXAMPLE_API_URL: urls.probeUrl,
    EXAMPLE_PORT: "3",
  });
});
