/** Why mutants may live. */
export interface Reason {
  why: string;
  /** Their names, or what the names of a whole kind have in common. */
  mutants: (string | RegExp)[];
}

/** By area, the mutants that no test needs to see: their names tell no line, so that others may come and go. */
export const MAY_LIVE: Record<string, Reason[]> = {
  protocol: [
    {
      why: "HKDF fills the salt up with zeros: one is as good as none",
      mutants: ["protocol/agreement.ts, agreedKey: 0 → 1"],
    },
    {
      why: "any private key shows a low-order point, and OpenSSL refuses one itself; should it cease to, the code does",
      mutants: [
        "protocol/agreement.ts, isUsablePublicKey: 32 → 33",
        "protocol/agreement.ts, sharedSecret: shared.every((byte) => byte === 0) → false",
      ],
    },
    {
      why: "of versions that are the same there is no place, and none is less than none",
      mutants: [/versions\.ts, isOlder(\.place)?: 1 → 2/, /versions\.ts, isOlder: place !== -1 && .* → \(ours/],
    },
  ],
  judge: [
    {
      why: "there is a pending key in the clear only where there is a pending one: it is asked for the compiler",
      mutants: ["functions/rotation/verify-hash/judge.ts, judge: pending && pendingKey → pendingKey"],
    },
    {
      why: "Math.min of nothing is infinite, and nothing infinite is of now: without a failure nothing is a mismatch anyway",
      mutants: [/judge\.isNewer: .*failedAt\.length >(=| 0 && Math.* → Math)/],
    },
  ],
  clients: [
    { why: "it is a sentence for people", mutants: [/, unlessMissing\.why: `/] },
    {
      why: "what is undefined is left out on the wire and in what is compared, as what is not there",
      mutants: [
        /: (\w+)( !== undefined)? && (\{ \w+: \1 \}) → \3$/,
        "functions/clients/findings.dynamodb.ts, dynamoFindings.listOpen: from === undefined → false",
      ],
    },
    {
      why: "it bounds how much is read at once, or how much lies in one item: more, or less, comes to the same",
      mutants: [
        "functions/clients/audit.dynamodb.ts, dynamoAudit.last.page: 1 → 2",
        "functions/clients/record-reads.ts, recordReads.recordsBy.page: Limit: READ_AT_ONCE, →",
        "functions/clients/seal-items.ts, sealItems.newest.backwards: , Limit: limit →",
        /seal-items\.ts, pagesFrom: Buffer\.byteLength\(text\) \+ 1; →/,
      ],
    },
    {
      why: "a user whose name merely begins or ends like that of the root user is asked for by his keys, and is found by them",
      mutants: [/access-keys\.iam\.ts, iamAccessKeys\.ownerOf: .*root\(_account\)\?>\?.* → .*root\(_account\)/],
    },
    {
      why: "a place in the list that names no status is looked for from the last status on, which is the only other one",
      mutants: ["functions/clients/record-reads.ts, recordReads.listDue: status →"],
    },
    {
      why: "a head that is malformed makes a seal that does not fit, left out or not",
      mutants: [/seal-items\.ts, headsFrom: typeof subject === "string" && isCount\(n\) && isHex64\(digest\) →/],
    },
    {
      why: "of what is no object, none of the fields is there either",
      mutants: [
        'functions/clients/trail.cloudtrail.ts, fieldsOf: typeof value === "object" && value !== null → value !== null',
      ],
    },
    {
      why: "it is what the functions make of their settings, in the processes of test/flows, which load it themselves",
      mutants: ["functions/clients/trail.cloudtrail.ts, trail: region →"],
    },
  ],
  turn: [
    {
      why: "of a rekey there is one pair",
      mutants: ["agent/turn/agree-rekey.ts, lastingPair.left: find → findLast"],
    },
    {
      why: "what happens on a full disk is tried by test/agent/folder-hooks.test.ts alone: altered code is not handed /dev/full",
      mutants: [
        /folder-hooks\.ts, unlessFull: /,
        'agent/turn/folder-hooks.ts, runFile.output: log?.fd ?? "ignore" → log?.fd',
      ],
    },
    {
      why: "a millisecond more or less of a time that is over",
      mutants: ["agent/turn/folder-hooks.ts, folderHooks.begin.run: 0 → 1"],
    },
    {
      why: "it is over by then: whoever listens is taken away, and what is killed twice is killed",
      mutants: [
        "agent/turn/folder-hooks.ts, runFile: true → false",
        "agent/turn/folder-hooks.ts, runFile.kill: ended ??= as → ended = as",
      ],
    },
    {
      why: "a group that has ended by itself before it is killed cannot be had on purpose; and no signal named is SIGTERM, which a shell obeys",
      mutants: [/folder-hooks\.ts, killGroup: /],
    },
    {
      why: "without hooks there is no folder of theirs to name",
      mutants: ['agent/turn/hooks.ts, noHooks: "" → "altered"'],
    },
    {
      why: "it is a sentence for people",
      mutants: [/agent\/turn\/ticket\.ts, REASONS: "/],
    },
    {
      why: "whoever holds a key is never refused for having none",
      mutants: ['agent/turn/turn.ts, refusalOf: key === undefined && reason === "NO_KEY" → reason === "NO_KEY"'],
    },
    {
      why: "the generation is among the variables in every turn",
      mutants: [/folder-hooks\.ts, folderHooks\.begin\.run: variables\.KEYTURN_GENERATION \?\? "" →/],
    },
  ],
  rights: [
    {
      why: "no name of a secret or a role has a colon, and only one thing in the ARN of executions is a star",
      mutants: [
        /arns\.ts, secretArnOf: .*\/\^arn:\/.* → .*\/arn:\//,
        /consumers\.ts, consumerRolesOf\.arn: .*\/\^arn:\/.* → .*\/arn:\//,
        /flows\.ts, runningOwnParts: .* → .*replace\(\/:\\\*\/, /,
      ],
    },
  ],
  flows: [
    {
      why: "the next state reads nothing of it: the Output keeps the history short",
      mutants: [
        "registration NotifySns: Output removed",
        "rotation ValidateId: Output removed",
        "rotation ValidateId: Catch[0] Output removed",
        "rotation AwaitFormer: Output removed",
        "rotation DeriveSuccessor: Output removed",
        "rotation PushToInstance: Catch[0] Output removed",
        "fleet-rotation TurnEach: Output removed",
      ],
    },
    {
      why: "it is the result, or the input, as without an Output",
      mutants: ["rotation PushToInstance: Output removed", "operate Told: Output removed"],
    },
    {
      why: "without its catcher the execution fails by the error itself, and not by the state that says it: red in any case",
      mutants: ["operate ListMeant: Catch[0] States.ALL removed"],
    },
    {
      why: "a Map over nothing turns nothing; the Choice spares a run the Map's cost",
      mutants: ["fleet-rotation AnyDue: Choices[0] always"],
    },
    {
      why: "whatever has no outcome of its own is counted as skipped, too",
      mutants: ["fleet-rotation Turn: Catch[0] Output removed"],
    },
    {
      why: "the rule has just set the problem with which the first rule leads to Summarize: one transition more, the same end",
      mutants: ["fleet-rotation TooManyFailed: Choices[1] → TooManyFailed"],
    },
  ],
};
