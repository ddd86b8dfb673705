import { signal } from "@preact/signals";
import { type Place, placeIn, to } from "./places.ts";

export const place = signal<Place>(placeIn(""));

/** Has the address say what a view is about while somebody types it: there is nothing to go back to. */
export function stay(view: string, about: string): void {
  history.replaceState(null, "", to(view, about));
  place.value = { view, about };
}

export function followFragment(): void {
  place.value = placeIn(location.hash);
  addEventListener("hashchange", () => {
    const before = place.peek();
    place.value = placeIn(location.hash);
    // What chooses within a view leaves one where one is.
    if (place.peek().view !== before.view) scrollTo(0, 0);
  });
}
