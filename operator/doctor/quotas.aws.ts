import {
  GetServiceQuotaCommand,
  NoSuchResourceException,
  paginateListServiceQuotas,
  type ServiceQuota,
  type ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import type { Quota } from "./contract.ts";

/** How much the account may have in a Region. Each is undefined where Service Quotas does not say. */
export interface Quotas {
  /** How many functions Lambda runs at once. */
  concurrentExecutions(): Promise<Quota | undefined>;

  /** How many hosts SSM manages. */
  managedNodes(): Promise<Quota | undefined>;
}

/** Lambda's quota "Concurrent executions". */
const CONCURRENT_EXECUTIONS = "L-B99A9384";
/** SSM's quota of hosts. AWS documents it by this name, and not by its code. */
const MANAGED_NODES = /managed (nodes|instances)/i;

/** The quotas as Service Quotas has them. */
export function awsQuotas(client: ServiceQuotasClient): Quotas {
  return {
    async concurrentExecutions() {
      const get = new GetServiceQuotaCommand({ ServiceCode: "lambda", QuotaCode: CONCURRENT_EXECUTIONS });
      try {
        return quotaOf((await client.send(get)).Quota);
      } catch (error) {
        if (error instanceof NoSuchResourceException) return undefined;
        throw error;
      }
    },

    async managedNodes() {
      for await (const { Quotas = [] } of paginateListServiceQuotas(
        { client, pageSize: 100 },
        { ServiceCode: "ssm" },
      )) {
        const found = Quotas.find(({ QuotaName = "" }) => MANAGED_NODES.test(QuotaName));
        if (found !== undefined) return quotaOf(found);
      }
      return undefined;
    },
  };
}

function quotaOf(answer: ServiceQuota | undefined): Quota | undefined {
  const { Value: value, QuotaCode: code } = answer ?? {};
  return value === undefined || code === undefined ? undefined : { value, code };
}
