import type { SampleMark } from "../../../wire/life.ts";
import type { Tone } from "../../../wire/live.ts";
import { BAR } from "./lanes.ts";
import { type Bar, labelsThatFit, type Mark } from "./marks.ts";

/** What one draws with, in CSS pixels. */
export interface Pen {
  ctx: CanvasRenderingContext2D;
  width: number;
  height: number;
  font: string;
  /** Where a moment is. */
  x(at: number): number;
  /** Of a variable of the page's style, e.g. `--bad`. */
  colour(name: string): string;
}

/** The colours of generations come again after so many. */
export const GENERATION_COLOURS = 8;

/** The name of the variable with a generation's colour. */
export function colourOf(generation: number): string {
  return `--generation-${generation % GENERATION_COLOURS}`;
}

const SHAPE = 5;
/** Of more marks than these, the lines would be all that one sees. */
const MOST_LINES = 40;
/** Room around a label. */
const AIR = 10;
/** So far out of the picture, something may still reach into it. */
const OUT = 200;

/** What was done: a shape by how it is to be looked upon, its label beside it, and a line down to the samples. */
export function drawMarks(pen: Pen, marks: readonly Mark[], y: number): void {
  const { ctx, x, colour, width, height } = pen;
  const seen = marks.filter(({ at }) => x(at) > -OUT && x(at) < width + SHAPE);
  ctx.font = pen.font;
  const middle = y + 12;
  const isCrowd = seen.length > MOST_LINES;
  for (const { at, tone } of seen) {
    ctx.fillStyle = colour("--line");
    if (!isCrowd) ctx.fillRect(x(at) - 0.5, middle + SHAPE, 1, height - middle);
    shape(pen, tone, x(at), middle);
  }
  const places = seen.map(({ at, label }) => placed(pen, x(at) + SHAPE + 4, ctx.measureText(label).width));
  const fit = labelsThatFit(clear(pen, seen, places), (index) => ["bad", "warn"].includes(seen[index]?.tone ?? ""));
  for (const index of fit) {
    ctx.fillStyle = colour("--text");
    ctx.fillText(seen[index]?.label ?? "", places[index]?.x ?? 0, middle);
  }
}

/** At the right edge a label stands before its mark. */
function placed(pen: Pen, after: number, width: number): { x: number; width: number } {
  const before = after - width - 2 * (SHAPE + 4);
  return { x: after + width > pen.width && before > 0 ? before : after, width: width + AIR };
}

/** A label must not lie over the shape of another mark, nor be cut by the left edge: one that would is left out. */
function clear({ x }: Pen, marks: readonly Mark[], places: readonly { x: number; width: number }[]) {
  const shapes = marks.map(({ at }) => x(at));
  return places.map((place, index) => {
    const isOver = shapes.some(
      (one, other) => other !== index && one + SHAPE > place.x && one - SHAPE < place.x + place.width - AIR,
    );
    return isOver || place.x < 0 ? undefined : place;
  });
}

function shape({ ctx, colour }: Pen, tone: Tone, x: number, y: number): void {
  ctx.fillStyle = colour(`--${tone}`);
  ctx.beginPath();
  if (tone === "bad") {
    ctx.moveTo(x, y - SHAPE);
    ctx.lineTo(x + SHAPE, y + SHAPE - 1);
    ctx.lineTo(x - SHAPE, y + SHAPE - 1);
  } else if (tone === "warn") ctx.rect(x - SHAPE + 1, y - SHAPE + 1, 2 * SHAPE - 2, 2 * SHAPE - 2);
  else ctx.arc(x, y, SHAPE - 1, 0, 2 * Math.PI);
  ctx.fill();
}

/** Findings: from when to when each stood, with its cause and whether people were mailed. */
export function drawBars(pen: Pen, bars: readonly Bar[], y: number): void {
  const { ctx, x, colour, width } = pen;
  ctx.font = pen.font;
  const placed = bars
    .map((bar) => {
      const left = Math.max(-2, x(bar.from));
      const right = Math.max(left + 3, Math.min(width + 2, bar.to === undefined ? width + 2 : x(bar.to)));
      return { ...bar, left, right, top: y + bar.row * (BAR + 4), tone: bar.to === undefined ? "bad" : "quiet" };
    })
    .filter(({ left, right }) => right > 0 && left < width);
  for (const { left, right, top, tone } of placed) {
    ctx.fillStyle = colour(`--${tone}-back`);
    ctx.fillRect(left, top, right - left, BAR);
    ctx.strokeStyle = colour(`--${tone}`);
    ctx.strokeRect(left + 0.5, top + 0.5, right - left - 1, BAR - 1);
  }
  const taken = placed.map(({ row, left, right }) => ({ row, left, right }));
  // The newest first: what stands now is to be read, if nothing else.
  for (const { finding, row, left, right, top, tone } of placed.toReversed()) {
    const ended = tone === "quiet" ? " (ended)" : "";
    const mailed = finding.toldAt === undefined ? "" : ", mailed";
    for (const text of [`${finding.cause}${ended}${mailed}`, finding.cause]) {
      const needed = ctx.measureText(text).width + AIR;
      const inside = Math.max(0, left) + 6;
      const isFree = (from: number) =>
        from >= 0 &&
        from + needed <= width &&
        !taken.some((one) => one.row === row && one.left < from + needed && from < one.right);
      const isInside = inside + needed <= right;
      const at = isInside ? inside : [right + 1, left - needed - 1].find(isFree);
      if (at === undefined) continue;
      ctx.fillStyle = colour(isInside ? `--${tone}` : "--text");
      ctx.fillText(text, isInside ? at : at + AIR / 2, top + BAR / 2 + 1);
      if (!isInside) taken.push({ row, left: at, right: at + needed });
      break;
    }
  }
}

/** Samples: a tick each in the colour of its generation, whose number stands where it begins. */
export function drawSamples(pen: Pen, samples: readonly SampleMark[], y: number, height: number): void {
  const { ctx, x, colour, width } = pen;
  const seen = samples.filter(({ at }) => x(at) > -OUT && x(at) < width + 2);
  const begun = seen.filter(({ generation }, index) => generation !== seen[index - 1]?.generation);
  const colours = new Map(begun.map(({ generation }) => [generation, colour(colourOf(generation))]));
  const top = y + 16;
  for (const { at, generation } of seen) {
    ctx.fillStyle = colours.get(generation) ?? "";
    ctx.fillRect(x(at) - 1, top, 2, height - 16);
  }
  ctx.font = pen.font;
  const places = begun.map(({ at, generation }) => {
    const needed = ctx.measureText(String(generation)).width;
    return { x: Math.max(0, Math.min(x(at) - 1, width - needed)), width: needed + AIR };
  });
  for (const index of labelsThatFit(places)) {
    const { generation = 0 } = begun[index] ?? {};
    ctx.fillStyle = colours.get(generation) ?? "";
    ctx.fillText(String(generation), places[index]?.x ?? 0, y + 8);
  }
}
