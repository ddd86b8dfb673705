import type { Checklist } from "../checklist.ts";
import { alarm } from "./alarm.ts";
import { event } from "./event.ts";
import { setting } from "./setting.ts";

/** The checklists of docs/changing.md, in its order. */
export const CHECKLISTS: readonly Checklist[] = [event, alarm, setting];
