import { fakeSecrets } from "../../../functions/clients/secrets.fake.ts";
import { secretsSuite } from "./secrets.suite.ts";

secretsSuite(() => {
  const secrets = fakeSecrets();
  return { ...secrets, secrets };
});
