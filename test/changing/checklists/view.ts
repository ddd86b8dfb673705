import { after, before, type Checklist, made } from "../checklist.ts";

const document = made(
  "operator/page/wire/clock.ts",
  `
    /** What time it is for whoever serves the page, in milliseconds since 1970. */
    export interface ClockDocument {
      now: number;
    }
  `,
);

const routes = made(
  "operator/page/read/clock.ts",
  `
    import type { Context } from "../../context.ts";
    import type { Route } from "../server/routes.ts";
    import type { ClockDocument } from "../wire/clock.ts";

    /** The time of whoever serves the page, by which it says how long ago something was. */
    export function clockRoutes({ now }: Pick<Context, "now">): Route[] {
      return [{ method: "GET", path: "/api/clock", answer: async (): Promise<ClockDocument> => ({ now: now() }) }];
    }
  `,
);

const OPEN = "operator/page/open.ts";
const mounted = [
  before(
    OPEN,
    'import { executionRoutes } from "./read/executions.ts";\n',
    'import { clockRoutes } from "./read/clock.ts";\n',
  ),
  before(OPEN, "    ...runbookRoutes(),\n", "    ...clockRoutes(context),\n"),
];

const tried = before("test/page/paths.ts", '  "/api/runbook/MISMATCH",\n', '  "/api/clock",\n');

const drawn = made(
  "operator/page/client/views/clock/clock.tsx",
  `
    import type { ClockDocument } from "../../../wire/clock.ts";
    import { useAsked } from "../../ask.ts";
    import { Loaded } from "../../parts/asked.tsx";
    import { utc } from "../../time.ts";

    /** What time it is where the page is served. */
    export function View() {
      const asked = useAsked<ClockDocument>("/api/clock", { everyMs: 1000 });
      return (
        <>
          <h1>Clock</h1>
          <Loaded asked={asked.value}>{({ now }) => <p>{utc(now)}</p>}</Loaded>
        </>
      );
    }
  `,
);

const listed = after(
  "operator/page/client/views.ts",
  'import("./views/audit/audit.tsx") },\n',
  '  { name: "clock", title: "Clock", load: () => import("./views/clock/clock.tsx") },\n',
);

const WHOLE = "test/page/whole.test.ts";

/** A view of the page, with what it asks for. */
export const view: Checklist = {
  title: "A view of the page",
  places: [
    { at: "operator/page/wire/NAME.ts", test: "types", names: "wire/clock.ts", edits: [document] },
    { at: "operator/page/read/NAME.ts", test: "types", names: "read/clock.ts", edits: [routes] },
    { at: OPEN, test: WHOLE, names: "/api/clock", edits: mounted },
    { at: "test/page/paths.ts", test: WHOLE, names: "/api/clock", edits: [tried] },
    {
      at: "operator/page/client/views/NAME/NAME.tsx",
      test: WHOLE,
      names: "views/clock/clock.tsx",
      edits: [drawn],
    },
    { at: "operator/page/client/views.ts", test: WHOLE, names: "views/clock", edits: [listed] },
  ],
};
