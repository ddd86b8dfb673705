import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { LIVE, machineNameOf, SHIPPED_PREFIX, typedNamesOf } from "../../functions/shared/names.ts";
import { arnAt } from "../../protocol/index.ts";
import { EXIT, misused, Stopped } from "../exits.ts";
import { findRunning, type Running } from "./running.ts";

/** Where a deployment of Keyturn is that one looks at and steers. */
export interface Place {
  /** `here`: on this computer, beside `npm start`. */
  kind: "here" | "aws";
  /** In people's words, e.g. `on this computer (npm start)` or `in eu-west-1, stack Keyturn`. */
  said: string;
  /** The stack's name, as it is typed. */
  stack: string;
  /** What its names begin with. */
  prefix: string;
  names: ReturnType<typeof typedNamesOf>;
  /** Undefined where the SDK is to find it by itself, in the environment or the profile. */
  region: string | undefined;
  profile: string | undefined;
  /** How the `npm start` of this computer is reached. */
  running: Running | undefined;
  /** The data folder of `npm start`, absolute. */
  data: string;
  /** What whoever works here should know of it, as a sentence. */
  aside?: string;
}

/** What was typed about the place. */
export interface PlaceOptions {
  stack?: string | undefined;
  region?: string | undefined;
  profile?: string | undefined;
  aws?: boolean | undefined;
  data?: string | undefined;
}

/** Where `npm start` keeps everything, unless it is told otherwise. */
export const USUAL_DATA = fileURLToPath(new URL("../../.keyturn", import.meta.url));
const STACK = /^[A-Za-z][A-Za-z0-9]*$/;

/**
 * Where one works. While `npm start` runs here, it is meant, unless an account is: by --aws, by --profile, by another Region, or
 * by an endpoint in the environment. The developer's own AWS settings count for nothing then.
 *
 * @throws Stopped (2) for a stack's name that none can have, and (4) for an endpoint in the environment that is none
 */
export function findPlace(options: PlaceOptions, env: NodeJS.ProcessEnv): Place {
  const stack = options.stack ?? (env.KEYTURN_STACK || "Keyturn");
  if (!STACK.test(stack)) throw misused(`--stack takes letters and digits, as stackName in cdk.json, not "${stack}".`);
  demandEndpoint(env.AWS_ENDPOINT_URL);
  const prefix = stack.toLowerCase();
  const data = resolve(options.data ?? (env.KEYTURN_DATA || ([".keyturn", USUAL_DATA].find(existsSync) ?? USUAL_DATA)));
  const common = { stack, prefix, names: typedNamesOf(prefix), data };
  const running = isAccountTyped(options) ? undefined : findRunning(data);
  const isMeant = running !== undefined && [undefined, running.region].includes(options.region);
  const leads = env.AWS_ENDPOINT_URL || running?.endpoint;
  if (isMeant && leads === running.endpoint) {
    // It has the deployment that is shipped, and no other.
    const said = `on this computer (npm start)${prefix === SHIPPED_PREFIX ? "" : `, stack ${stack}`}`;
    return { ...common, kind: "here", said, region: running.region, profile: undefined, running };
  }
  const region = options.region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined);
  const said = `${region === undefined ? "" : `in ${region}, `}stack ${stack}`;
  const place = { ...common, kind: "aws", said, region, profile: options.profile, running: undefined } as const;
  return isMeant ? { ...place, aside: ELSEWHERE } : place;
}

const ELSEWHERE = "npm start runs here, but AWS_ENDPOINT_URL leads elsewhere, and counts: unset it for npm start.";

/** Without its value, in which a password may stand. */
function demandEndpoint(url: string | undefined): void {
  if (!url || ["http:", "https:"].includes(URL.parse(url)?.protocol ?? "")) return;
  throw new Stopped(
    EXIT.nowhere,
    "AWS_ENDPOINT_URL is no URL such as https://localhost:4510: correct it, or unset it.",
  );
}

function isAccountTyped({ aws, profile }: PlaceOptions): boolean {
  return aws === true || profile !== undefined;
}

/** The ARN of the caller's place: partition, Region and account are those of the deployment, too. */
export interface Account {
  partition: string;
  region: string;
  account: string;
}

/** The ARN by which a flow is started. */
export function flowArnIn({ prefix }: Pick<Place, "prefix">, account: Account, flow: string): string {
  return arnAt(account, "states", `stateMachine:${machineNameOf(flow, prefix)}:${LIVE}`);
}

/** The ARN of a flow's execution of a name. */
export function executionArnIn(
  { prefix }: Pick<Place, "prefix">,
  account: Account,
  flow: string,
  name: string,
): string {
  return arnAt(account, "states", `execution:${machineNameOf(flow, prefix)}:${name}`);
}
