import type { DemoAccount } from "./account.ts";
import { type Check, check } from "./check.ts";
import { DemoFleet } from "./fleet.ts";
import { Rotations } from "./rotations.ts";
import { SharedCredential, type SharedDatabase } from "./shared-credential.ts";
import { SharedToken } from "./shared-token.ts";
import { until } from "./until.ts";

/** An instance as the story's chapters name it. */
export interface Member {
  id: string;
  ec2InstanceId: string;
}

/** What every chapter is given: where it happens, the operator's hands, and a place for what came out. */
export class Story {
  readonly account: DemoAccount;
  readonly fleet: DemoFleet;
  readonly rotations: Rotations;
  /** The credential that applications share, where there is a database for it. */
  readonly credential: SharedCredential | undefined;
  /** The token by which an application calls an API. */
  readonly token: SharedToken;
  readonly checks: Check[] = [];
  /** Ends every wait. */
  readonly signal: AbortSignal;
  /** Tells whoever watches what happens next. */
  readonly tell: (sentence: string) => void;
  /** Tells something that happened. */
  readonly note: (sentence: string) => void;

  constructor(
    account: DemoAccount,
    options: Pick<Story, "signal" | "tell" | "note"> & {
      database?: SharedDatabase | undefined;
      shop: ConstructorParameters<typeof SharedToken>[0];
    },
  ) {
    this.account = account;
    this.signal = options.signal;
    this.tell = options.tell;
    this.note = options.note;
    this.fleet = new DemoFleet(account, this.signal);
    this.rotations = new Rotations(account, this.signal);
    this.token = new SharedToken(options.shop, account, this);
    this.credential = options.database && new SharedCredential(options.database, account, this.rotations, this);
  }

  /** Notes whether something came out as it must. */
  check(what: string, expected: string, seen: string): void {
    this.checks.push(check(what, expected, seen));
  }

  /** Waits until a mail with that subject has come, and notes that it is the only one. */
  async checkMail(what: string, subject: string): Promise<void> {
    const arrived = async () => {
      const count = (await this.account.mails()).filter((mail) => mail.subject === subject).length;
      return count > 0 && count;
    };
    this.check(what, "1", `${await until(arrived, `the mail "${subject}"`, this.signal)}`);
  }

  close(): void {
    this.fleet.close();
    this.rotations.close();
    this.credential?.close();
    this.token.close();
  }
}
