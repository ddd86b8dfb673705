import { FakeSecretSource } from "../../consumer/secret-source.fake.ts";
import { secretSourceSuite } from "./secret-source.suite.ts";

secretSourceSuite(() => {
  const source = new FakeSecretSource();
  return {
    source,
    put: (versionId, value) => source.put("orders/db", versionId, value),
    refuse: (reason) => {
      source.refusal = reason;
    },
    reads: () => source.reads,
    close: async () => source.close(),
  };
});
