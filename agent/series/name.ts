import type { SampleStore } from "../../protocol/index.ts";

/** Where samples go, as a person is told. */
export function nameOfStore(store: SampleStore): string {
  return store.kind === "dynamodb"
    ? `the DynamoDB table ${store.table}`
    : `the Timestream table ${store.table} of the database ${store.database}`;
}
