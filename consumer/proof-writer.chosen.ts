import type { SampleStore } from "../protocol/index.ts";
import { Failure } from "./failure.ts";
import type { ProofWriter } from "./proof-writer.ts";
import type { WriterPlace } from "./writer-place.ts";

/** The writer to the store with the samples, whichever it is. Its AWS client is loaded with the first proof, and only that one. */
export function proofsIn(store: SampleStore, place: WriterPlace): ProofWriter {
  let opened: Promise<ProofWriter> | undefined;
  let closed = false;
  const open = async (): Promise<ProofWriter> => {
    if (store.kind === "timestream")
      return (await import("./proof-writer.timestream.ts")).timestreamProofs(store, place);
    return (await import("./proof-writer.dynamodb.ts")).dynamodbProofs(store, place);
  };
  return {
    async write(use) {
      if (closed) throw new Failure("The store of the use proofs is closed.");
      opened ??= open();
      await (await opened).write(use);
    },
    close() {
      closed = true;
      // A client that could not be loaded has nothing to let go, and whoever wrote has been told.
      opened?.then((writer) => writer.close()).catch(() => {});
    },
  };
}
