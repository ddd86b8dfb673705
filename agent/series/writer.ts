import type { Sample } from "../../protocol/index.ts";

/** Where samples go. */
export interface SeriesWriter {
  /** @throws whatever AWS or the network says */
  write(sample: Sample, signal?: AbortSignal): Promise<void>;
  /** Lets connections go. */
  close(): void;
}
