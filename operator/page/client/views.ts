import type { ComponentType } from "preact";

/** A view: what it is called in the list of them, and how it is loaded once somebody looks at it. */
export interface View {
  name: string;
  /** In the list at the top; what has none is reached from others. */
  title?: string;
  /** The one of the list that it belongs to, which is marked meanwhile. */
  under?: string;
  /** Where alone it is: beside `npm start` on this computer, or there where the page may act, too. */
  only?: "here" | "acts";
  load(): Promise<{ View: ComponentType<{ about: string }> }>;
}

export const VIEWS: readonly View[] = [
  { name: "fleet", title: "Fleet", load: () => import("./views/fleet/fleet.tsx") },
  { name: "attention", title: "Attention", load: () => import("./views/attention/attention.tsx") },
  { name: "instance", load: () => import("./views/instance/instance.tsx") },
  { name: "credentials", title: "Credentials", load: () => import("./views/credentials/credentials.tsx") },
  { name: "executions", title: "Executions", load: () => import("./views/executions/executions.tsx") },
  { name: "execution", under: "executions", load: () => import("./views/executions/execution.tsx") },
  { name: "audit", title: "Audit", load: () => import("./views/audit/audit.tsx") },
  { name: "inbox", title: "Inbox", only: "here", load: () => import("./views/inbox/inbox.tsx") },
  { name: "play", title: "Play", only: "acts", load: () => import("./views/play/play.tsx") },
];
