/** In the place of read-time-series: an instance that has fallen silent. */
export const handler = async () => ({ samples: [] });
