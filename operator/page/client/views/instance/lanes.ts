/** A strip of the picture, one below the other; all in CSS pixels. */
export interface Lane {
  name: "findings" | "acts" | "own" | "older" | "ahead";
  title: string;
  /** Of the title; what is drawn is below it. */
  top: number;
  height: number;
}

const TITLE = 18;
const GAP = 10;
export const BAR = 20;

/**
 * The strips of a picture.
 *
 * @param has what there is to be drawn: of findings, how many rows
 */
export function lanesOf(has: { acts: boolean; bars: number; samples: boolean; older: boolean; ahead: boolean }): {
  lanes: Lane[];
  height: number;
} {
  const wanted: Omit<Lane, "top">[] = [
    { name: "acts", title: has.acts ? "What was done" : "Nothing done yet", height: has.acts ? 26 : 0 },
    { name: "findings", title: has.bars > 0 ? "Findings" : "No findings", height: has.bars * (BAR + 4) },
    ...(has.samples ? [{ name: "own", title: "Its samples", height: 44 } as const] : []),
    ...(has.older ? [{ name: "older", title: "An older key goes on", height: 44 } as const] : []),
    ...(has.ahead ? [{ name: "ahead", title: "A key that its record knows nothing of", height: 44 } as const] : []),
  ];
  let top = 0;
  const lanes = wanted.map((lane): Lane => {
    const placed = { ...lane, top };
    top += TITLE + lane.height + GAP;
    return placed;
  });
  return { lanes, height: top };
}

/** Where what a lane shows begins. */
export function contentOf({ top }: Lane): number {
  return top + TITLE;
}
