import { SERIES_STORES, type SeriesStore } from "../protocol/index.ts";
import { type GivenSettings, type Settings, SettingsError } from "./settings.ts";

/**
 * The settings with which the stack is made. With `timeSeries` "auto", samples go where AWS was asked to be able to keep
 * them, which `npm run deploy` has written down; until it was asked, into DynamoDB, which every account can have.
 *
 * @param answer what the context holds under `answerKey`; undefined for nothing
 * @throws SettingsError when the answer is no store
 */
export function settled(given: GivenSettings, answer: unknown): Settings {
  if (given.timeSeries !== "auto") return { ...given, timeSeries: given.timeSeries };
  return { ...given, timeSeries: storeOf(answer) ?? "dynamodb" };
}

/**
 * The store that an answer names; undefined for none.
 *
 * @throws SettingsError when it is no store
 */
export function storeOf(answer: unknown): SeriesStore | undefined {
  const store = SERIES_STORES.find((one) => one === answer);
  if (store !== undefined || answer === undefined) return store;
  throw new SettingsError(
    `cdk.context.json says ${JSON.stringify(answer)} about where samples go, which is neither ${SERIES_STORES.join(" nor ")}: ` +
      "take the line out, and run npm run deploy, which asks AWS again.",
  );
}

/** The stores that a deployment needs: where samples go, and where they went before. */
export function storesOf({ timeSeries, formerTimeSeries }: Settings): SeriesStore[] {
  return formerTimeSeries === "none" ? [timeSeries] : [timeSeries, formerTimeSeries];
}
