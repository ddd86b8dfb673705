import { fakeAudit } from "../../../functions/clients/audit.fake.ts";
import { auditSuite } from "./audit.suite.ts";

auditSuite(() => fakeAudit());
