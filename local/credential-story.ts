import {
  credentialConsumerBehind,
  credentialRotated,
  executionEnded as executionStatusChanged,
} from "../events/index.ts";
import { TOKENS } from "../functions/shared/credential-settings.ts";
import { flowArn } from "./roles.ts";

/** What an execution of the flow is given. */
interface Asked {
  secret: string;
  token: string;
}

/** How often applications were served with a credential, and how often they were refused after that. */
export interface Counts {
  connected: number;
  refused: number;
}

/** What is told of credentials that are turned: when it begins, when the new version is in force, who is awaited, how it ends. */
export class CredentialStory {
  /** By secret. */
  readonly #counts = new Map<string, () => Counts>();
  /** By secret, the user that is in force, and the one before him as far as this has seen. */
  readonly #users = new Map<string, { user: string; former?: string | undefined }>();

  countVisits(secret: string, counts: () => Counts): void {
    this.#counts.set(secret, counts);
  }

  /** One sentence for each thing that an event tells of a credential; none for other events. */
  sentencesFor(detailType: string, detail: Record<string, unknown>): string[] {
    const { secret, user, consumer, versionId, ec2InstanceId, address } = detail as Record<string, string>;
    switch (detailType) {
      case credentialRotated.detailType:
        return [this.#turned(String(secret), String(user), String(versionId))];
      case credentialConsumerBehind.detailType:
        return [`${secret}  waits for ${consumer} (${ec2InstanceId ?? address ?? "not seen yet"}): it has not moved.`];
      case executionStatusChanged.detailType:
        return detail.stateMachineArn === flowArn("credential") ? this.#went(detail as Record<string, string>) : [];
      default:
        return [];
    }
  }

  #turned(secret: string, user: string, versionId: string): string {
    const former = this.#users.get(secret)?.user;
    this.#users.set(secret, { user, former });
    if (isToken(user)) {
      const wait = former === undefined ? "" : ` ${former} is accepted until all have moved.`;
      return `${secret}  is turned: version ${versionId}, ${user}.${wait}`;
    }
    const wait = former === undefined ? "" : ` ${former} may log in until all have moved.`;
    return `${secret}  is turned: version ${versionId}, user ${user}.${wait}`;
  }

  #went({ status, input = "{}", output, error, cause }: Record<string, string>): string[] {
    const { secret, token } = JSON.parse(input) as Asked;
    if (status === "RUNNING") return [`${secret}  is being turned; version ${token} is pending.`];
    if (status === "SUCCEEDED") return JSON.parse(output ?? "{}").outcome === "ROTATED" ? [this.#done(secret)] : [];
    return [`${secret}  ${error?.replace(/^Keyturn\./, "") ?? status}: ${cause}`];
  }

  #done(secret: string): string {
    const { user = "", former } = this.#users.get(secret) ?? {};
    // Of a secret that was drawn a moment ago, nobody could hold a former one; after a restart, it was not seen who had it.
    const [what, end] = isToken(user) ? ["token", "over"] : ["login", "shut"];
    const said =
      former === undefined ? `is in force, and no former ${what} is left` : `all have moved; ${former} is ${end}`;
    return `${secret}  ${said}.${this.#visits(secret, isToken(user))}`;
  }

  #visits(secret: string, isOfToken: boolean): string {
    const { connected = 0, refused = 0 } = this.#counts.get(secret)?.() ?? {};
    if (connected === 0) return "";
    if (isOfToken)
      return ` Since the first one, the API has accepted ${connected} calls, and refused ${refused || "none"}.`;
    const refusals = refused === 0 ? "never" : `${refused} times`;
    return ` Since the database first let the applications in, it did so ${connected} times, and refused them ${refusals}.`;
  }
}

function isToken(user: string): boolean {
  return TOKENS.some((token) => token === user);
}
