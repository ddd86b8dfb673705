import type { SampleStore } from "../../protocol/index.ts";
import type { SeriesPlace } from "./place.ts";
import type { SeriesWriter } from "./writer.ts";

/** How AWS's services name it when they do not take the caller's credentials. */
const REFUSED = /AccessDenied|UnrecognizedClient|InvalidClientTokenId|ExpiredToken|RequestExpired|Signature/;

/** How AWS names it that a store is not there, or not for this instance: it may have been changed. */
const NOT_THIS_STORE = ["ResourceNotFoundException", "AccessDeniedException"];

/** Whether AWS did not take a sample since the store is gone, or may not be written to any more. */
export function isNotThisStore(error: unknown): boolean {
  return error instanceof Error && NOT_THIS_STORE.includes(error.name);
}

/** The writer to a store. Its AWS client is loaded with the first sample, and only that one. */
export function openSeries(store: SampleStore, place: SeriesPlace): SeriesWriter {
  let opened: Promise<SeriesWriter> | undefined;
  let closed = false;
  const open = async (): Promise<SeriesWriter> => {
    if (store.kind === "timestream") return (await import("./timestream.ts")).timestreamWriter(store, place);
    return (await import("./dynamodb.ts")).dynamodbWriter(store, place);
  };
  return {
    async write(sample, signal) {
      opened ??= open();
      const writer = await opened;
      if (closed) throw new Error("the series is closed");
      try {
        await writer.write(sample, signal);
      } catch (error) {
        if (error instanceof Error && REFUSED.test(error.name)) {
          place.refused?.();
          // The SDK's client keeps its credentials until they end; the next one asks for them.
          opened = undefined;
          writer.close();
        }
        throw error;
      }
    },
    close() {
      closed = true;
      // A client that could not be loaded has nothing to let go, and whoever wrote has been told.
      opened?.then((writer) => writer.close()).catch(() => {});
    },
  };
}
