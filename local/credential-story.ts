import {
  credentialConsumerBehind,
  credentialRotated,
  executionEnded as executionStatusChanged,
} from "../events/index.ts";
import { flowArn } from "./roles.ts";

/** What an execution of the flow is given. */
interface Asked {
  secret: string;
  token: string;
}

/** What is told of credentials that are turned: when it begins, when the new version is in force, who is awaited, how it ends. */
export class CredentialStory {
  #counts: (() => { connected: number; refused: number }) | undefined;
  /** By secret, the user that is in force, and the one before him as far as this has seen. */
  readonly #users = new Map<string, { user: string; former?: string | undefined }>();

  countVisits(counts: () => { connected: number; refused: number }): void {
    this.#counts = counts;
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
    const former = this.#users.get(secret)?.former;
    // Of a secret that was drawn a moment ago, nobody could hold a former login; after a restart, it was not seen who had it.
    const end = former === undefined ? "is in force, and no former login is left" : `all have moved; ${former} is shut`;
    return `${secret}  ${end}.${this.#visits()}`;
  }

  #visits(): string {
    if (this.#counts === undefined) return "";
    const { connected, refused } = this.#counts();
    if (connected === 0) return "";
    const refusals = refused === 0 ? "never" : `${refused} times`;
    return ` Since the database first let the applications in, it did so ${connected} times, and refused them ${refusals}.`;
  }
}
