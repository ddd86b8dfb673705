import { fakeSecrets } from "../../../functions/clients/secrets.fake.ts";
import { secretsSuite } from "./secrets.suite.ts";

secretsSuite(() => {
  const secrets = fakeSecrets();
  return {
    ...secrets,
    secrets,
    putPolicy: (secret, policy) => secrets.keep(secret, { policy }),
    switchRotation: (secret, to) => secrets.keep(secret, { rotatedBy: to === "on" ? "arn:aws:lambda:any" : undefined }),
  };
});
