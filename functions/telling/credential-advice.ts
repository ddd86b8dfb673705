import type { Advice } from "./advice-form.ts";
import { describeSecret, readExecution, readPolicy, requestTurn, rotateSecret } from "./commands.ts";

const AGAIN = "Keyturn tries again by itself.";

/** By what is found of a credential: a verdict, the name of an error, or what the watch sees. */
export const CREDENTIAL_ADVICE: Record<string, Advice> = {
  CredentialMismatch: {
    title: "the database refuses the current credential",
    means:
      "What the secret holds as current is not what the database knows: somebody has changed the password, or the secret, or " +
      "has taken the login away. Consumers are refused as soon as they connect anew. Nothing was turned.",
    todo:
      "Find out who changed it. Then have it healed: the other user gets a new password, and the secret with it becomes the " +
      "current one. Where ConsumersBehind stands too, it takes `force` beside `heal`, which locks them out.",
    command: (about) => requestTurn(about, "heal"),
  },
  ConsumersBehind: {
    title: "consumers have not moved to the current credential",
    means:
      "Somebody uses the former user still, or a named consumer was not seen on the current one. Both logins are valid, and " +
      "nobody is refused. Until all have moved, the former user is not shut and the credential is not turned again.",
    todo:
      "Restart or deploy anew who is behind, so that it reads the secret again. It goes on by itself once all have moved. In an " +
      "incident, `force` turns it all the same, and locks out who is behind.",
    command: describeSecret,
  },
  UnknownCredential: {
    title: "a rotation of a secret that is not set was asked for",
    means: "The settings of the deployment name no credential of this name, so Keyturn does not know who honours it.",
    todo: "Name it in `credentials` in cdk.json and deploy, or correct whoever asked.",
    command: readExecution,
  },
  SecretGone: {
    title: "there is no secret of a credential",
    means: "Secrets Manager says that there is no such secret, or that it is deleted. Nothing was turned.",
    todo: "Restore it within its recovery window. After that it has to be made anew, which no deployment does by itself.",
    command: describeSecret,
  },
  SecretDeleted: {
    title: "the secret of a credential is deleted",
    means:
      "Somebody has deleted it. Consumers that read it now get no credential; who has one goes on. After its recovery window it " +
      "is gone for good.",
    todo: "Restore it, and find out who deleted it. Once it is gone, it has to be made anew, which no deployment does by itself.",
    command: describeSecret,
  },
  SecretUnfit: {
    title: "a pending version holds no login of the user that is turned",
    means:
      "Somebody else has written the value of the version that was to come, so the database was not told of it. The current " +
      "credential is as it was.",
    todo: "Find out who may write the secret beside Keyturn. Then ask for another turn, which gives that version up.",
    command: (about) => requestTurn(about),
  },
  OwnerLost: {
    title: "a login does not act as the owner",
    means:
      "What the new login makes, the other one could not use. It was not promoted; the current credential is as it was. Some " +
      "releases of the database forget the owner, or the preparation is missing.",
    todo: `See the cause: install a release that keeps the owner, or run \`npm run credential:prepare\` with \`--apply\`. ${AGAIN}`,
    command: readExecution,
  },
  ReaderBehind: {
    title: "a reader does not know the new credential yet",
    means:
      "The database's writer lets the new login in, and a reader refuses it. It was not promoted, as consumers may come there.",
    todo: `Look at the replication of that reader. ${AGAIN}`,
    command: readExecution,
  },
  LoginRefused: {
    title: "the database refuses the login that was just set",
    means:
      "The new password was set, and the login is refused all the same: by a rule about hosts or encryption, or because " +
      "somebody altered the user in between. It was not promoted.",
    todo: `See the cause, in the database's own words, and mend that. ${AGAIN}`,
    command: readExecution,
  },
  ManagerRefused: {
    title: "the database refuses Keyturn's manager",
    means: "Who alters the two users cannot log in, for longer than a turn of his own password takes.",
    todo:
      "Compare the manager's secret with the database, and mend the one that is wrong; where he signs in by IAM, see that the " +
      "database has that switched on, and he the role rds_iam. `npm run credential:prepare`, with `--apply`, sets him anew. " +
      AGAIN,
    command: readExecution,
  },
  AuthorityUnreachable: {
    title: "a database cannot be reached",
    means:
      "A server is away, or there is no way to it, or it does not prove its name. That says nothing of the credential, which " +
      "stays as it is.",
    todo: `See the cause. Is the server up, and do its security group and its certificate let Keyturn in? ${AGAIN}`,
    command: readExecution,
  },
  AuthorityBusy: {
    title: "somebody holds a credential's lock in the database",
    means: "What changes the user waits for another session for too long: another turn, or a statement by hand.",
    todo: `If it comes again, find that session in the database and end it. ${AGAIN}`,
    command: readExecution,
  },
  AuthorityUnwilling: {
    title: "a database does not do what the manager asks",
    means: "He lacks a right, or the server is one that is only read from. Nothing was changed.",
    todo: `See the cause. \`npm run credential:prepare\`, with \`--apply\`, gives him his rights; the first of \`hosts\` must be the writer. ${AGAIN}`,
    command: readExecution,
  },
  TooManyUses: {
    title: "the time series is flooded with use proofs",
    means: "So many lie there for one secret that they cannot be read to their end, so nobody knows who has moved.",
    todo:
      "Find out which instance or role writes them: its own partition names it. Quarantine the instance, or stop what runs there; " +
      "take the role's policy away.",
    command: readExecution,
  },
  RequestRefused: {
    title: "a turn that was asked for was not begun",
    means: "Another one is under way, the secret is gone, or it is none of this deployment's credentials.",
    todo: "See the cause. Ask again when the other one is over; a plain rotation is asked for as below.",
    command: rotateSecret,
  },
  ConsumerUnseen: {
    title: "a named consumer was not seen for a day",
    means:
      "No look has found it at the database, nor a use proof of it. The next turn would wait for it until its deadline, and then " +
      "keep both logins.",
    todo:
      "Does it run, and does it call itself as the settings say? One that connects for each request needs `seenBy: proofs`. One " +
      "that is no more: take it out of the settings.",
    command: describeSecret,
  },
  RotationSwitchedOff: {
    title: "a credential's rotation is switched off",
    means: "Somebody has switched it off in Secrets Manager, or gave it to another function. It is turned no longer.",
    todo: "Find out why. Switch it on again, with the function of this deployment, as the runbook says; then turn it.",
    command: describeSecret,
  },
  SecretOpened: {
    title: "a secret's policy lets others in",
    means: "Its resource policy allows somebody outside of this account, or everybody, to act on it.",
    todo: "Who may read it knows the current credential. Take the policy off, then turn the credential.",
    command: readPolicy,
  },
  MovedByOthers: {
    title: "somebody else has made a version the current one",
    means:
      "AWSCURRENT is on a version that Keyturn did not promote, so it was not tried before consumers could fetch it. The database " +
      "may refuse it.",
    todo: "Find out who moved it. Then turn it, which ends this; `heal` where the database refuses what is current.",
    command: rotateSecret,
  },
};
