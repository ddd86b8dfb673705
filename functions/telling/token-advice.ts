import type { Advice } from "./advice-form.ts";
import { describeSecret, putKey, readExecution, readPolicy, requestTurn, rotateSecret } from "./commands.ts";

const AGAIN = "Keyturn tries again by itself.";
const NOBODY_REFUSED = "Nobody is refused until the current token ends, unless CredentialMismatch stands as well.";

/**
 * By what is found of a credential that is a token: what a token alone comes to, and what reads otherwise of one than of a
 * database's login. Each says whether consumers are refused now; whether the current token is, and until when it is good, the mail
 * says beside it.
 */
export const TOKEN_ADVICE: Record<string, Advice> = {
  CredentialMismatch: {
    title: "the API refuses the current token",
    means:
      "The probe answers it with 401 or 403, or the secret holds none: it was revoked, or has ended, or somebody has written " +
      "the secret. Consumers are refused now. Keyturn asks for another one at once, by the other API key where there are two, " +
      "unless its rotation is switched off.",
    todo:
      "Is it over? Who reads the secret again is let in. Where it stands for longer than two looks of the watch, see what else " +
      "is told of this secret, mend that, and have it turned by the command. Find out who ended the token.",
    command: rotateSecret,
  },
  ConsumersBehind: {
    title: "consumers have not moved to the current token",
    means:
      "Somebody uses the former token still, or a named consumer was not seen with the current one. Both are good, and nobody is " +
      "refused until the former one ends, or is revoked once all have moved. Another one is fetched then, and not before three quarters " +
      "of the current one's life are over: of a key that has one token at a time, that ends the former one.",
    todo:
      "Restart or deploy anew who is behind, before the former token ends: who holds it is refused from then on. It goes on by " +
      "itself once all have moved. In an incident, `force` turns it all the same, and both tokens that there are now end at once.",
    command: describeSecret,
  },
  SecretUnfit: {
    title: "a pending version holds no token that could be used",
    means:
      "Somebody else has written the value of the version that was to come, or its token has ended before it was promoted. The " +
      `current token is as it was. ${NOBODY_REFUSED}`,
    todo: "See the cause. If somebody wrote it, find out who may write the secret beside Keyturn. Then ask for another turn.",
    command: (about) => requestTurn(about),
  },
  KeyRefused: {
    title: "the issuer refuses the API key",
    means:
      "The key was withdrawn or exchanged, or its secret holds none. No token was fetched by it, and none revoked. " +
      NOBODY_REFUSED,
    todo:
      "Have the issuer show or make the key, save it as key.json, in the form that the section gives, and put it into the key's " +
      `secret by the command. Remove the file. ${AGAIN}`,
    command: (about) => putKey(about) ?? readExecution(about),
  },
  AnswerUnfit: {
    title: "the issuer's answer holds no token that could be used",
    means:
      "It is a page, a redirect, an error, a token of another kind, one that is over, or no gain: the current one again, or one that ends sooner. Nothing was kept, and no " +
      `redirect followed. ${NOBODY_REFUSED}`,
    todo:
      "See the cause. Are `tokenUrl`, `revocationUrl` and `scope` what the issuer gives in its manual? One that gives a key the same " +
      `token again takes two keys. ${AGAIN}`,
    command: readExecution,
  },
  AuthorityPutsOff: {
    title: "the issuer asks to come again later",
    means: `It is asked too often, or out of order: it names a time that is too long to wait for. ${NOBODY_REFUSED}`,
    todo: `Who else asks by the same API key, and how often? Give them a key of their own. ${AGAIN}`,
    command: readExecution,
  },
  TokenRefused: {
    title: "the API refuses a token that was just issued",
    means:
      "For three minutes the probe has answered it with 401 or 403: the API key opens less than the probe asks for, or the probe " +
      "is another API's. It was not promoted. Consumers go on with the current token, unless CredentialMismatch stands as well.",
    todo: `See the cause. Set \`probeUrl\` and \`scope\` right, or have the issuer give the key that right. ${AGAIN}`,
    command: readExecution,
  },
  StillAccepted: {
    title: "the API accepts a token that was revoked",
    means:
      "The issuer says that the former token is revoked, and the probe accepts it still: the API checks tokens by itself, or the " +
      "issuer revoked nothing. Nobody is refused by that, and whoever has that token may use it until it ends.",
    todo:
      "If it has leaked, have the issuer end it or its key. An API that checks tokens by itself accepts each until it ends: set " +
      `\`revocationUrl\` to none then. ${AGAIN}`,
    command: readExecution,
  },
  TokenLifetimeDiffers: {
    title: "the issuer gives tokens another lifetime than is set",
    means:
      "The turns were planned for the lifetime that is set. Nobody is refused by that: the watch goes by what the issuer has said. A " +
      "shorter one leaves less time to mend what is in the way of a turn; a longer one lets former tokens live for longer.",
    todo: "Set `tokenLifetime` to what the cause names, or have the issuer give what is set. Deploy.",
    command: describeSecret,
  },
  AuthorityUnreachable: {
    title: "an issuer or its API cannot be reached",
    means:
      "It is away, answers with an error, or there is no way to it. That says nothing of the token, which stays as it is, and of " +
      "which no other is fetched meanwhile. Where the API serves consumers, it does so until the current token ends.",
    todo: `See the cause. Is it up, and does the functions' network let them reach it? ${AGAIN}`,
    command: readExecution,
  },
  AuthorityUnwilling: {
    title: "an address in the settings is not encrypted",
    means: `Neither key nor token is sent there, so that no token can be fetched, tried or revoked. ${NOBODY_REFUSED}`,
    todo: "Set the address that the cause names with https, and deploy.",
    command: readExecution,
  },
  ConsumerUnseen: {
    title: "a named consumer was not seen for a day",
    means:
      "No use proof of it has come that fits a token of this secret. The next turn would wait for it until its deadline, and " +
      "leave the former token to end by itself.",
    todo:
      "Does it run, and does it write its proofs with the token that it uses, by a right clock? One that is no more: take it " +
      "out of the settings.",
    command: describeSecret,
  },
  RotationSwitchedOff: {
    title: "a token's rotation is switched off",
    means:
      "Somebody has switched it off in Secrets Manager, or gave it to another function. No other token is fetched, not even where " +
      `the API refuses it. ${NOBODY_REFUSED}`,
    todo: "Find out why. Switch it on again, with the function of this deployment, as the runbook says; then turn it.",
    command: describeSecret,
  },
  SecretOpened: {
    title: "a secret's policy lets others in",
    means: "Its resource policy allows somebody outside of this account, or everybody, to act on it.",
    todo:
      "Who may read it knows the current token. Take the policy off. Then turn it with `force`, which revokes that token as soon " +
      "as there is another one.",
    command: readPolicy,
  },
  MovedByOthers: {
    title: "somebody else has made a version the current one",
    means:
      "AWSCURRENT is on a version that Keyturn did not promote, so it was not tried before consumers could fetch it. Where the API " +
      "refuses it, another one is fetched at once.",
    todo: "Find out who moved it. Then turn it, which ends this.",
    command: rotateSecret,
  },
};
