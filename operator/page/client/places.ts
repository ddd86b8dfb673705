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

/** The address of a view, for a link. */
export function to(view: string, about = ""): string {
  return about === "" ? `#/${view}` : `#/${view}/${encodeURIComponent(about)}`;
}
