import { fakeMail } from "../../../functions/clients/mail.fake.ts";
import { mailSuite } from "./mail.suite.ts";

mailSuite(() => {
  const mail = fakeMail();
  return { mail, received: async () => mail.sent };
});
