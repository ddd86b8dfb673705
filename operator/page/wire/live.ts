/**
 * What the page's server pushes to the page, over server-sent events. Plain data, here as in all of `wire/`: identifiers, times in
 * milliseconds since 1970, outcomes; never a key, a nonce, a ciphertext, a credential or a token. Nothing here is imported from
 * outside of `wire/`, since it is read in browsers, too.
 */

/** Where one looks. */
export interface PlaceDocument {
  /** `here`: beside `npm start` on this computer. */
  kind: "here" | "aws";
  /** In people's words. */
  said: string;
  /** Whether the page may act, too, and play: that is done by the API of whoever serves it, under `/here/`. */
  acts: boolean;
}

/** How something is to be looked upon, and so in which colour it is shown. */
export type Tone = "good" | "bad" | "warn" | "quiet";

/** An instance, as its record and what stands about it have it. */
export interface InstanceRow {
  id: string;
  ec2InstanceId: string;
  status: string;
  ip?: string;
  agentVersion?: string;
  generation?: number;
  keySince?: number;
  dueAt?: number;
  verdict?: string;
  judgedAt?: number;
  lastProofAt?: number;
  failingSince?: number;
  waitingSince?: number;
  registeredAt?: number;
  retiredAt?: number;
  isRekeyed?: boolean;
  /** How bad it is: 0 is the worst. Of those that are as bad as each other, the one with the oldest key comes first. */
  rank: number;
  needsAttention: boolean;
  tone: Tone;
  /** What is wrong with it, or to be known of it, in a few words each. */
  words: string[];
}

/** Something that stands, as its mail says it too. */
export interface StandingRow {
  subject: string;
  /** As people are told it, e.g. `0a1b2c (i-0123456789abcdef0)`. */
  named: string;
  cause: string;
  since: number;
  /** When people were mailed. */
  toldAt?: number;
  times: number;
  /** What was said when it failed. */
  said?: string;
  title: string;
  means: string;
  todo: string;
  /** Of docs/runbook.md. */
  section: string;
  /** What to type, and what does the same by AWS's own command line. */
  type?: string;
  or?: string;
  /** ARN of the execution that found it, and where AWS's console shows that. */
  execution: string;
  link: string;
  /** The mail about it, in full. */
  mail: { subject: string; text: string };
  /** Of a storm, those of its cause: they are told by this one. */
  members: { subject: string; since: number }[];
}

/** A consumer of a credential at one place, as it was seen last. */
export interface ConsumerRow {
  /** Empty where it gives no name. */
  consumer: string;
  /** With whose login it was seen last, and when; left out where it never was. */
  user?: string;
  at?: number;
  /** How it is seen: among a database's sessions, or by its own proofs. */
  by?: "sessions" | "proofs";
  /** From where: an instance, a role, an address; several where more is known. */
  from: string[];
  /** Whether it was seen with the current version since that was promoted, and is not behind. */
  hasMoved: boolean;
  /** Whether it has yet to move to the current version, and why it is known that it has not, as people are told it. */
  behind?: string;
}

/** A version of a secret: whose login or token it is. */
export interface VersionRow {
  is: "current" | "former";
  versionId?: string;
  user: string;
  since?: number;
  goodUntil?: number;
  /** Of the former one: since when its user is shut. */
  shutAt?: number;
  /** ARN of the execution that promoted it. */
  execution?: string;
}

export interface CredentialRow {
  name: string;
  tone: Tone;
  words: string[];
  versions: VersionRow[];
  /** Those that are behind first. */
  consumers: ConsumerRow[];
  failing?: { since: number; nextTryAt: number; what: string };
  causes: string[];
}

/** All of it, at once. */
export interface Snapshot {
  readAt: number;
  instances: InstanceRow[];
  standing: StandingRow[];
  credentials: CredentialRow[];
  /** How old the newest sample of an instance may be before it is looked for. */
  freshMs: number;
}

/** What is another since what was sent before. */
export interface Change {
  readAt: number;
  put: InstanceRow[];
  /** Their IDs. */
  gone: string[];
  standing?: StandingRow[];
  credentials?: CredentialRow[];
}

/** When each wrote the newest of its samples, by ID; who is left out has written none lately. */
export type Beats = Record<string, number>;

/** AWS does not answer as it should: what is shown is what was read before. */
export interface Trouble {
  message: string;
  since: number;
}

/** The names of the events, and what each has in it. */
export interface LiveEvents {
  snapshot: Snapshot;
  change: Change;
  beats: Beats;
  /** Null once it is over. */
  trouble: Trouble | null;
}

/** Of so many instances and no more each is a tile, and its newest sample is asked for. */
export const MOST_TILES = 500;
