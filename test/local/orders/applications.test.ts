import { expect, test } from "vitest";
import { applicationsOn } from "../../../local/orders/applications.ts";

const applications = {
  bundle: "/data/example.mjs",
  endpoint: "http://127.0.0.1:1",
  ports: { database: 2, web: 3, pool: 4 },
  settings: { timeSeries: "timestream" },
} as const;
const on = (ec2InstanceId: string, instances: string[]) =>
  applicationsOn({ ec2InstanceId, folder: "/data", metadataEndpoint: "http://127.0.0.1:5" }, instances, applications);

test("the first instance has the one, the second the other, a single one both, and all others none", () => {
  const names = (one: string, all: string[]) => on(one, all).map(({ name }) => name);
  expect([names("a", ["a", "b", "c"]), names("b", ["a", "b", "c"]), names("c", ["a", "b", "c"])]).toEqual([
    ["web"],
    ["pool"],
    [],
  ]);
  expect(names("a", ["a"])).toEqual(["web", "pool"]);
});

test("they are told where they are, and where the database is, which is not for the secret to say", () => {
  for (const { environment } of on("a", ["a"])) {
    expect(environment).toMatchObject({
      AWS_ENDPOINT_URL: "http://127.0.0.1:1",
      AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:5",
      EXAMPLE_DATABASE_PORT: "2",
      EXAMPLE_DATABASE_TLS: "none",
    });
  }
});
