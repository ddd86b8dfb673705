import type { PlayLink } from "../../operator/page/wire/plays.ts";

/** Something that has happened here: an event of a bus, or a mail that has come. */
export type Fact =
  | { kind: "event"; type: string; detail: Record<string, unknown> }
  | { kind: "mail"; number: number; subject: string };

/** That something has come as expected: what it was, and where it is to be seen. */
export interface Met {
  said?: string;
  links?: PlayLink[];
  /** When, in milliseconds since 1970; now where it is left out. */
  at?: number;
}

/** Something that is to happen once a fault is played. */
export interface Expectation {
  /** In the present: it is told before it happens, and ticked after that. */
  says: string;
  /** How long it may take, in milliseconds; left out where it is somebody's to do, and takes its time. */
  withinMs?: number;
  /** It follows from the one before, and its time counts from then; else from the beginning. */
  follows?: true;
  /** What whoever looks does for it: what they type, or the words on a button, which does what the play has as `mend`. */
  command?: string;
  button?: string;
  /** Whether a fact is it. */
  metBy?: (fact: Fact) => Met | undefined;
  /** Looks whether it has come, where no fact tells; asked each second. */
  look?: () => Promise<Met | undefined>;
  /** It has come already. */
  met?: Met;
}

const eventOf = (fact: Fact, type: string) => (fact.kind === "event" && fact.type === type ? fact.detail : undefined);

/** An event with these in its detail; `said` and `links` are what is shown of it. */
export function event(
  type: string,
  wanted: Record<string, unknown>,
  met: (detail: Record<string, unknown>) => Met = () => ({}),
): (fact: Fact) => Met | undefined {
  return (fact) => {
    const detail = eventOf(fact, type);
    if (detail === undefined) return undefined;
    return Object.entries(wanted).every(([name, value]) => detail[name] === value) ? met(detail) : undefined;
  };
}

/** A mail about a cause; of a storm, the one that gathers. @param about what else stands in its subject */
export function mailAbout(cause: string, about = ""): (fact: Fact) => Met | undefined {
  return (fact) => {
    if (fact.kind !== "mail" || !fact.subject.includes(cause)) return undefined;
    if (!fact.subject.includes(about) && !fact.subject.includes("fleet")) return undefined;
    return { links: [mailLink(fact.number)] };
  };
}

const mailLink = (number: number): PlayLink => ({
  label: "Read the mail",
  view: "inbox",
  about: String(number),
});

export const executionLink = (arn: unknown): PlayLink[] =>
  typeof arn === "string" && arn !== "" ? [{ label: "See the execution", view: "execution", about: arn }] : [];
