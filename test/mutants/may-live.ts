/** Why mutants may live. */
export interface Reason {
  why: string;
  /** Their names, or what the names of a whole kind have in common. */
  mutants: (string | RegExp)[];
}

/** By area, the mutants that no test needs to see: their names tell no line, so that others may come and go. */
export const MAY_LIVE: Record<string, Reason[]> = {
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
    { why: "it is the result, as without an Output", mutants: ["rotation PushToInstance: Output removed"] },
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
