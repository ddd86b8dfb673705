import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { drawBars, drawMarks, drawSamples, type Pen } from "./draw.ts";
import { contentOf, lanesOf } from "./lanes.ts";
import type { Drawn } from "./pointed.ts";
import { axisLabel, roundMoments, type Span } from "./windows.ts";

/** What is drawn, and over which time. */
export interface Drawing extends Drawn {
  span: Span;
  /** Whether there are samples at all: of what is no instance there are none. */
  hasSamples: boolean;
}

export interface Pointing {
  /** Somebody has drawn over a part of it. */
  drawnOver(span: Span): void;
  /** Somebody points at a moment; undefined once they point elsewhere. */
  pointed(at: number | undefined): void;
}

/** For the marks of the axis, in CSS pixels. */
const AXIS = 34;
const LEAST_DRAWN = 6;
/** How wide a mark of the axis is, with what is between two. */
const MARK_WIDTH = 84;

/** The axis and all on it, on a canvas. */
export class Picture {
  readonly #plot: uPlot;
  readonly #at: HTMLElement;
  #drawing: Drawing;

  constructor(at: HTMLElement, drawing: Drawing, pointing: Pointing) {
    this.#at = at;
    this.#drawing = drawing;
    const { from, to } = drawing.span;
    this.#plot = new uPlot(this.#options(pointing), [[from, to]], at);
  }

  draw(drawing: Drawing): void {
    this.#drawing = drawing;
    this.fit();
    const { from, to } = drawing.span;
    this.#plot.setScale("x", { min: from, max: to });
    this.#plot.redraw(false, true);
  }

  /** As wide as there is room, and as high as what is on it. */
  fit(): void {
    const size = this.#size();
    if (size.width !== this.#plot.width || size.height !== this.#plot.height) this.#plot.setSize(size);
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(200, this.#at.clientWidth), height: this.#lanes().height + AXIS };
  }

  #lanes() {
    const { marks, bars, rows, hasSamples } = this.#drawing;
    const most = Math.max(0, ...bars.map(({ row }) => row + 1));
    return lanesOf({
      acts: marks.length > 0,
      bars: most,
      samples: hasSamples,
      older: rows.older.length > 0,
      ahead: rows.ahead.length > 0,
    });
  }

  #options({ drawnOver, pointed }: Pointing): uPlot.Options {
    const line = () => this.#colour("--line");
    const moments = () => {
      const most = Math.max(2, Math.floor(this.#at.clientWidth / MARK_WIDTH));
      return roundMoments(this.#drawing.span, most);
    };
    return {
      ...this.#size(),
      ...{ ms: 1, legend: { show: false }, padding: [4, 8, 0, 8], series: [{}] },
      scales: { x: { time: false, range: () => [this.#drawing.span.from, this.#drawing.span.to] } },
      axes: [
        {
          ...{ size: AXIS - 4, font: this.#font(), stroke: () => this.#colour("--faint") },
          ...{ grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } },
          splits: () => moments().at,
          // One that would be cut at an edge is left out.
          values: (plot, splits) =>
            splits.map((at) => {
              const x = plot.valToPos(at, "x");
              const isWhole = x > MARK_WIDTH / 3 && x < plot.over.clientWidth - MARK_WIDTH / 3;
              return isWhole ? axisLabel(at, moments().step) : "";
            }),
        },
      ],
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      hooks: {
        draw: [() => this.#drawAll()],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width < LEAST_DRAWN) return;
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            drawnOver({ from: plot.posToVal(left, "x"), to: plot.posToVal(left + width, "x") });
          },
        ],
        setCursor: [
          (plot) => {
            const { left = -1 } = plot.cursor;
            pointed(left < 0 ? undefined : plot.posToVal(left, "x"));
          },
        ],
      },
    };
  }

  #drawAll(): void {
    const { ctx, bbox } = this.#plot;
    const { marks, bars, rows, span } = this.#drawing;
    const ratio = uPlot.pxRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    // From here on in CSS pixels, from the corner of what is drawn upon.
    ctx.translate(bbox.left, bbox.top);
    ctx.scale(ratio, ratio);
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    const width = bbox.width / ratio;
    const pen: Pen = {
      ...{ ctx, width, height: bbox.height / ratio, font: this.#font() },
      x: (at) => ((at - span.from) / (span.to - span.from)) * width,
      colour: (name) => this.#colour(name),
    };
    for (const lane of this.#lanes().lanes) {
      ctx.font = this.#font(600);
      ctx.fillStyle = pen.colour("--faint");
      ctx.fillText(lane.title, 0, lane.top + 8);
      const y = contentOf(lane);
      if (lane.name === "acts") drawMarks(pen, marks, y);
      else if (lane.name === "findings") drawBars(pen, bars, y);
      else drawSamples(pen, rows[lane.name], y, lane.height);
    }
    ctx.restore();
  }

  #font(weight = 400): string {
    return `${weight} 12px ${getComputedStyle(this.#at).fontFamily}`;
  }

  #colour(name: string): string {
    return getComputedStyle(this.#at).getPropertyValue(name).trim();
  }
}
