import type { Checklist } from "../checklist.ts";
import { alarm } from "./alarm.ts";
import { event } from "./event.ts";
import { field } from "./field.ts";
import { operation } from "./operation.ts";
import { setting } from "./setting.ts";
import { step } from "./step.ts";
import { view } from "./view.ts";

/** The checklists of docs/changing.md, in its order. */
export const CHECKLISTS: readonly Checklist[] = [step, field, event, alarm, setting, view, operation];
