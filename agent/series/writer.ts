/** One proof that an instance holds its key at a moment. */
export interface Sample {
  id: string;
  ec2InstanceId: string;
  generation: number;
  /** Milliseconds since 1970. */
  timeMs: number;
  /** `sampleHash` of the protocol. */
  hash: string;
}

/** Where samples go. */
export interface SeriesWriter {
  /** @throws whatever AWS or the network says */
  write(sample: Sample, signal?: AbortSignal): Promise<void>;
  /** Lets connections go. */
  close(): void;
}
