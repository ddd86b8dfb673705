import { DATABASE, FOUND, SOUND, TAMPERED, TURNED } from "./made-up/names.ts";

const of = (view: string, about: string) => `${view}/${encodeURIComponent(about)}`;

/** All that there is to look at in the made-up deployment: what it is, and its address behind `#/`. */
export const VIEWS_SEEN = {
  "the fleet": "fleet",
  "the fleet, filtered": "fleet/MATCH",
  "the fleet, where nobody is found": "fleet/nobody-at-all",
  "what stands": "attention",
  "an instance that was tampered with": of("instance", TAMPERED),
  "the life of a credential": of("instance", DATABASE),
  "an instance that nobody knows": of("instance", "ffffff"),
  credentials: "credentials",
  "one credential": of("credentials", DATABASE),
  executions: "executions",
  "executions of one flow": "executions/rotation",
  "an execution that failed": of("execution", FOUND),
  "an execution that went well": of("execution", TURNED),
  "no audit yet": "audit",
  "an audit that holds": of("audit", SOUND),
  "an audit that does not hold": of("audit", DATABASE),
  "the inbox": "inbox",
  "a mail": "inbox/1",
  "what can be played": "play",
} as const;

export type ViewSeen = keyof typeof VIEWS_SEEN;
