import { fakeFindings } from "../../../functions/clients/findings.fake.ts";
import { findingsSuite } from "./findings.suite.ts";

findingsSuite(() => fakeFindings());
