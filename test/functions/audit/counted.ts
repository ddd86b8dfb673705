import { fakeAudit } from "../../../functions/clients/audit.fake.ts";
import type { Audit } from "../../../functions/clients/audit.ts";

/** An audit in memory that notes the calls to it, and may die before one of them. */
export function countedAudit(): ReturnType<typeof fakeAudit> & { calls: string[]; diesAt: { call?: number } } {
  const audit = fakeAudit();
  const calls: string[] = [];
  const diesAt: { call?: number } = {};
  const counted = (name: string, work: (...given: never[]) => unknown) => {
    return async (...given: never[]) => {
      calls.push(name);
      if (calls.length === diesAt.call) throw new Error("died");
      return work.apply(audit, given);
    };
  };
  const methods = Object.entries(audit).flatMap(([name, work]) =>
    typeof work === "function" ? [[name, counted(name, work)]] : [],
  );
  return { ...audit, ...(Object.fromEntries(methods) as unknown as Audit), calls, diesAt };
}
