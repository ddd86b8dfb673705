/** What an instance wrote at one moment. */
export interface Sample {
  /** Milliseconds since 1970, by the instance's clock. */
  timeMs: number;
  generation: number;
  /** 64 hexadecimal characters; empty where what was written has another form, so that it proves nothing. */
  hash: string;
}

/** The time series of the instances' samples. */
export interface TimeSeries {
  /**
   * The newest samples of an instance, newest first.
   *
   * @param window.from the oldest moment asked for, in milliseconds since 1970, inclusive
   * @param window.limit how many at the most
   */
  read(window: { id: string; ec2InstanceId: string; from: number; limit: number }): Promise<Sample[]>;
}
