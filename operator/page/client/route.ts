import { signal } from "@preact/signals";

/** Where one is: the first part of the fragment, and what it is about, e.g. `#/instance/a1b2c3`. */
export interface Place {
  view: string;
  /** Decoded; empty where there is none. */
  about: string;
}

export function placeIn(fragment: string): Place {
  const [, view = "", ...about] = fragment.split("/");
  return { view: view || "fleet", about: decoded(about.join("/")) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Somebody has typed it.
    return text;
  }
}

export const place = signal<Place>(placeIn(""));

/** The address of a view, for a link. */
export function to(view: string, about = ""): string {
  return about === "" ? `#/${view}` : `#/${view}/${encodeURIComponent(about)}`;
}

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
