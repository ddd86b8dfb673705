// What is asked of a page in its browser: as text, since there is no browser where this is checked for its types.

/** By how many pixels the page is wider than the window. */
export const OVERFLOW = "document.documentElement.scrollWidth - innerWidth";

export const TWO_FRAMES =
  "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))";

/**
 * Comes to its end once a view is drawn, and nothing in it is still being read. What Playwright itself waits by makes code of text,
 * which the page's Content-Security-Policy forbids.
 */
export const SETTLED = `new Promise((resolve, reject) => {
  const until = performance.now() + 20_000;
  const look = (before) => {
    const heading = document.querySelector("main h1");
    const isReading = /^(Reading…|Connecting…)$/m.test(document.body.innerText);
    if (heading !== null && !isReading && before) resolve();
    else if (performance.now() > until) reject(new Error("It is still being read: " + document.body.innerText));
    else requestAnimationFrame(() => look(heading !== null && !isReading));
  };
  requestAnimationFrame(() => look(false));
})`;

export const BACKGROUND = "getComputedStyle(document.body).backgroundColor";

/** Takes the focus from what has it. */
export const BLUR = "document.activeElement.blur()";

export const HAS_AXE = '"axe" in window';
export const RUN_AXE = 'axe.run({ resultTypes: ["violations"] })';

/** How many animations run. */
export const ANIMATIONS = "document.getAnimations().length";

/**
 * Types what is looked for as soon as it can be typed, and waits until that alone is listed: when that is, in milliseconds since the
 * beginning of the navigation.
 */
export const foundIn = (id: string) => `new Promise((resolve) => {
  const rows = () => [...document.querySelectorAll("main tbody tr")];
  const look = () => {
    const field = document.querySelector("main input[type=search]");
    if (rows().length === 1 && rows()[0].textContent.includes("${id}")) return resolve(performance.now());
    if (rows().length > 1 && field !== null && field.value === "") {
      field.value = "${id}";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    requestAnimationFrame(look);
  };
  look();
})`;

/** Since the beginning of the navigation, in milliseconds. */
export const FIRST_PAINT = 'performance.getEntriesByName("first-contentful-paint")[0].startTime';

/** Goes to a view, as by its link. */
export const toView = (view: string) => `void (location.hash = ${JSON.stringify(`#/${view}`)})`;

/** Whether what has the focus is inside of what a selector means. */
export const isFocusIn = (selector: string) => `document.activeElement.closest(${JSON.stringify(selector)}) !== null`;

/** What has the focus. */
export interface Focused {
  says: string;
  href: string;
  is: string;
  /** Whether one sees that it has the focus, and it itself. */
  isMarked: boolean;
  isSeen: boolean;
}

export const FOCUSED = `(() => {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const { width, height, bottom, top } = element.getBoundingClientRect();
  return {
    says: [element.getAttribute("aria-label") ?? "", element.innerText ?? ""].join(" ").trim(),
    href: element.getAttribute("href") ?? "",
    is: element.tagName.toLowerCase(),
    isMarked: outlineStyle !== "none" && outlineWidth !== "0px",
    isSeen: width > 0 && height > 0 && bottom > 0 && top < innerHeight,
  };
})()`;
