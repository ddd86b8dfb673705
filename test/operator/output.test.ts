import { PassThrough } from "node:stream";
import { WriteStream } from "node:tty";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { number } from "../../operator/output/count.ts";
import { type Output, type Streams, terminalOutput } from "../../operator/output/output.ts";
import { widthOf } from "../../operator/output/width.ts";

interface Written {
  out: Output;
  stdout: () => string;
  stderr: () => string;
}

/** An output, as if to a terminal of so many places a line, or to none. */
async function outputTo(places: number | undefined, { json = false } = {}): Promise<Written> {
  const streams = [new PassThrough({ encoding: "utf8" }), new PassThrough({ encoding: "utf8" })] as const;
  const { getColorDepth: depthIn } = WriteStream.prototype;
  // A terminal's depth hangs on where the process runs, too (`CI`, `TMUX`, …): of that nothing but what a test sets.
  const getColorDepth = () => depthIn({ TERM: "xterm-256color", NO_COLOR: process.env.NO_COLOR });
  for (const stream of streams) {
    if (places !== undefined) Object.assign(stream, { isTTY: true, columns: places, rows: 24, getColorDepth });
  }
  const [stdout, stderr] = streams;
  const out = terminalOutput({ json }, { stdout, stderr } as unknown as Streams);
  return { out, stdout: () => stdout.read() ?? "", stderr: () => stderr.read() ?? "" };
}

// What this process was started with says nothing.
beforeEach(() => {
  for (const name of ["NO_COLOR", "FORCE_COLOR", "NODE_DISABLE_COLORS"]) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

const COLUMNS = [{ title: "ID" }, { title: "COUNT", align: "right" as const }, { title: "WHAT" }];

describe("a table", () => {
  test("has columns two spaces apart, numbers to the right, and nothing behind a line", async () => {
    const { out, stdout } = await outputTo(undefined);
    out.table(COLUMNS, [
      ["a1b2c3", "7", "all is well"],
      ["d", "1,234", ""],
    ]);
    expect(stdout()).toBe("ID      COUNT  WHAT\na1b2c3      7  all is well\nd       1,234\n");
  });

  test("of no rows is nothing", async () => {
    const { out, stdout } = await outputTo(undefined);
    out.table(COLUMNS, []);
    expect(stdout()).toBe("");
  });

  test("keeps a row one line, and the cursor where it is, whatever a record holds", async () => {
    const { out, stdout, stderr } = await outputTo(undefined);
    const evil = "x\x1b[2J\r\nroot\u202e\u0007\u009b31m\u2028";
    out.table(COLUMNS, [["a", "1", { text: evil, style: "red" }]]);
    out.line("said: ", evil);
    out.note(`noted ${evil}`);
    expect(stdout()).toBe("ID  COUNT  WHAT\na       1  x?[2J??root???31m?\nsaid: x?[2J??root???31m?\n");
    expect(stderr()).toBe("noted x?[2J?\nroot???31m?\n");
  });

  test("stays straight below characters that take two places, or none", async () => {
    const { out, stdout } = await outputTo(undefined);
    out.table(
      [{ title: "NAME" }, { title: "X" }],
      [
        ["日本", "1"],
        ["e\u0301a", "2"],
        ["😀", "3"],
        ["plain", "4"],
      ],
    );
    expect(stdout()).toBe("NAME   X\n日本   1\ne\u0301a     2\n😀     3\nplain  4\n");
  });

  test("leaves out its spare columns on a terminal that is too narrow, the last one first", async () => {
    const columns = [
      { title: "ID" },
      { title: "HOST", spare: true as const },
      { title: "AGE", spare: true as const },
      { title: "TYPE", runsOver: true as const },
    ];
    const rows = [["a1b2c3", "i-0123456789", "3 d", "something that is longer than a line"]];
    const shown = async (places: number | undefined) => {
      vi.stubEnv("NO_COLOR", "1");
      const { out, stdout } = await outputTo(places);
      out.table(columns, rows);
      return stdout()
        .split(/\s{2,}|\n/)
        .slice(0, 4)
        .join(" ");
    };
    expect(await shown(undefined)).toBe("ID HOST AGE TYPE");
    expect(await shown(40)).toBe("ID HOST AGE TYPE");
    expect(await shown(30)).toMatch(/^ID HOST TYPE/);
    expect(await shown(20)).toMatch(/^ID TYPE/);
    expect(await shown(5)).toMatch(/^ID TYPE/);
  });
});

describe("colours", () => {
  const rows = [["a", "1", { text: "bad", style: "red" as const }]];

  test("are on a terminal", async () => {
    const { out, stdout } = await outputTo(80);
    out.table(COLUMNS, rows);
    expect(stdout()).toContain("\x1b[31mbad\x1b[39m");
  });

  test("are nowhere else, and not where NO_COLOR is set", async () => {
    const piped = await outputTo(undefined);
    piped.out.table(COLUMNS, rows);
    expect(piped.stdout()).not.toContain("\x1b");
    vi.stubEnv("NO_COLOR", "1");
    const plain = await outputTo(80);
    plain.out.table(COLUMNS, rows);
    expect(plain.stdout()).not.toContain("\x1b");
  });
});

describe("what goes on", () => {
  test("is shown on a terminal, and gone before what comes next", async () => {
    const { out, stderr } = await outputTo(80);
    out.progress("1 of 2");
    out.progress("2 of 2");
    out.line("done");
    out.line("and done");
    expect(stderr()).toBe("\r\x1b[K1 of 2\r\x1b[K2 of 2\r\x1b[K");
  });

  test("is said nowhere else, nor is a screen emptied", async () => {
    for (const { out, stdout, stderr } of [await outputTo(undefined), await outputTo(80, { json: true })]) {
      out.progress("1 of 2");
      expect([stdout(), stderr()]).toEqual(["", ""]);
    }
    const { out, stdout } = await outputTo(undefined);
    out.clear();
    expect([stdout(), out.rows]).toEqual(["", undefined]);
  });
});

test("with --json no table is drawn", async () => {
  const { out, stdout } = await outputTo(undefined, { json: true });
  out.table(COLUMNS, [["a", "1", "b"]]);
  expect(stdout()).toBe("");
});

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [1234567, "1,234,567"],
])("%d is written as %s", (count, text) => expect(number(count)).toBe(text));

test("the width of a text is that on a terminal", () => {
  expect(["", "abc", "ｆｕ", "한국", "é", "e\u0301"].map(widthOf)).toEqual([0, 3, 4, 4, 1, 1]);
});
