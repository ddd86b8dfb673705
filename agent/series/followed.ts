import { isDeepStrictEqual } from "node:util";
import type { SampleStore } from "../../protocol/index.ts";
import { openSeries } from "./open.ts";
import type { SeriesPlace } from "./place.ts";
import type { SeriesWriter } from "./writer.ts";

/** A writer whose store may change under it. */
export interface FollowedSeries extends SeriesWriter {
  /** Samples go there from now on; says whether that is another store than before. */
  follow(store: SampleStore): boolean;
}

/** The writer to a store, until it is told of another. */
export function followedSeries(first: SampleStore, place: SeriesPlace): FollowedSeries {
  let store = first;
  let writer = openSeries(first, place);
  return {
    write: (sample, signal) => writer.write(sample, signal),
    follow(next) {
      if (isDeepStrictEqual(next, store)) return false;
      writer.close();
      store = next;
      writer = openSeries(next, place);
      return true;
    },
    close: () => writer.close(),
  };
}
