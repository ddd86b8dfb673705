import assert from "node:assert/strict";
import { KEY_FORM } from "../../events/fields.ts";
import type { Invariant } from "./invariant.ts";

/** The access keys that an event of AWS Health names, or a person, as the input of an execution has it. */
export function keysIn(input: string): string[] {
  const { affectedEntities = [], accessKeyId } = JSON.parse(input).detail ?? {};
  const named: unknown[] = [...affectedEntities.map((one: { entityValue: unknown }) => one.entityValue), accessKeyId];
  return named.flatMap((key) => (typeof key === "string" && KEY_FORM.test(key) ? [key] : []));
}

/** By what people know that a key may not be shut. */
const WARNINGS = ["ExposedKeyNotShut", "ExposureUnread", "ExecutionCutOff"];

/** What holds of exposed keys at every moment. */
export const OF_EXPOSED_KEYS_ALWAYS: Invariant[] = [
  {
    name: "no key is told to be shut that can be used",
    holds({ accessKeys, findings }, looked) {
      if (!looked.accessKeys) return;
      for (const { keys } of accessKeys.users.values()) {
        for (const { accessKeyId, isActive } of keys) {
          if (!isActive) continue;
          const told = findings.all.get(`${accessKeyId} AccessKeyExposed`);
          assert(told === undefined || told.times === 0, `${accessKeyId} can be used, and is told to be shut`);
        }
      }
    },
  },
];

/** What holds of exposed keys when the outage is over and everything is at rest. */
export const OF_EXPOSED_KEYS: Invariant[] = [
  {
    name: "of each exposed key people are told, and of one that can be used still that it may not be shut",
    holds({ flows, accessKeys, mail }) {
      const active = new Set(
        [...accessKeys.users.values()].flatMap(({ keys }) =>
          keys.filter(({ isActive }) => isActive).map(({ accessKeyId }) => accessKeyId),
        ),
      );
      for (const { name, input } of flows.executions("exposed-key")) {
        for (const key of keysIn(input)) {
          const subjects = mail.sent
            .filter(
              ({ subject, text }) =>
                [key, name, "exposed-key"].some((about) => subject.includes(about)) ||
                // A subject of a mail is cut.
                [key, name].some((about) => text.includes(about)),
            )
            .map(({ subject }) => subject);
          assert(subjects.length > 0, `nobody was told of ${key}`);
          const warned = subjects.some((subject) => WARNINGS.some((cause) => subject.includes(cause)));
          assert(!active.has(key) || warned, `${key} can be used still, and people were told that it is shut`);
        }
      }
    },
  },
];
