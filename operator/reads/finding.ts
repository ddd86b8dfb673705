import { EXPOSED_PARTS } from "../../functions/findings/exposed-form.ts";
import type { BehindFact, ExposedFacts, Facts, Finding } from "../../functions/findings/finding.ts";
import { isCount } from "../../protocol/index.ts";
import { type Form, isMoment, isText, isTexts, isTruth, wellFormedIn } from "./well-formed.ts";

/**
 * A finding of which everything can be shown: somebody may have altered it, and what has not the form that it must have is left
 * out, or empty.
 */
export function wellFormed({ since, times, execution, facts, toldAt, endedAt, ...rest }: Finding): Finding {
  return {
    ...rest,
    since: isMoment(since) ? since : 0,
    times: typeof times === "number" ? times : 1,
    execution: isExecution(execution) ? execution : "",
    facts: factsIn(facts),
    ...(isMoment(toldAt) && { toldAt }),
    ...(isMoment(endedAt) && { endedAt }),
  };
}

/** Its Region stands in commands that people paste, and in the address of a link. What else a name may have in it, AWS says. */
const EXECUTION = /^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:(execution|express):[\w/-]+:[^\s<>{}[\]?*"#%\\^|~`$&,;/]+$/;
const isExecution: Form = (value) => isText(value) && EXECUTION.test(value);

const FACTS: { [Name in keyof Facts]: Form } = {
  ...{ id: isText, ec2InstanceId: isText, step: isText, said: isText, keySecret: isText },
  ...{ generation: isCount, isRefused: isTruth, kind: (value: unknown) => value === "token" },
  ...{ keySince: isMoment, lastProofAt: isMoment, nextTryAt: isMoment, goodUntil: isMoment, formerUntil: isMoment },
};

function factsIn(read: unknown): Facts {
  const { behind, exposed } = wellFormedIn<Facts>(read, {
    behind: Array.isArray,
    exposed: (value) => typeof value === "object" && value !== null,
  });
  return {
    ...wellFormedIn<Facts>(read, FACTS),
    ...(behind && { behind: behind.flatMap(behindIn) }),
    ...(exposed && { exposed: wellFormedIn<ExposedFacts>(exposed, EXPOSED) }),
  };
}

const BEHIND: { [Name in keyof BehindFact]: Form } = {
  ...{ consumer: isText, why: isText, lastAt: isMoment },
  ...{ id: isText, ec2InstanceId: isText, address: isText, role: isText },
};

function behindIn(read: unknown): BehindFact[] {
  const { consumer, why, ...rest } = wellFormedIn<BehindFact>(read, BEHIND);
  return consumer === undefined || why === undefined ? [] : [{ consumer, why, ...rest }];
}

/** Whether a part of what is known of an exposed key can be told. */
const isPart = (name: keyof typeof EXPOSED_PARTS): Form => {
  return (value) => EXPOSED_PARTS[name].safeParse(value).success;
};
const isNumber: Form = (value) => typeof value === "number";

const EXPOSED: { [Name in keyof ExposedFacts]: Form } = {
  ...{ code: isText, isKnown: isTruth, key: isPart("key"), use: isPart("use"), gone: isPart("gone") },
  ...{ unfit: isTexts, unfitCount: isNumber, beyond: isNumber },
};
