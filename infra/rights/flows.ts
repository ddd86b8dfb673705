import { placeholderOf, STEPS } from "../../functions/steps.ts";
import { readFlow } from "../../statemachines/read.ts";
import type { FlowName } from "../wiring.ts";
import type { Arns } from "./arns.ts";
import { allow, type Statement } from "./statement.ts";

/** The steps that a flow's file calls. */
export function stepsCalledBy(flow: FlowName) {
  return stepsIn(readFlow(flow).text, flow);
}

function stepsIn(text: string, flow: FlowName) {
  return STEPS.filter((step) => step.flow === flow && text.includes(`\${${placeholderOf(step)}}`));
}

/** A flow's rights: to call its own steps, and to run rotations where it does. */
export function flowRights(flow: FlowName, arns: Arns): Statement[] {
  const { text } = readFlow(flow);
  const called = stepsIn(text, flow).map((step) => arns.function(step));
  const runsRotations = text.includes("startExecution.sync:2");
  return [
    allow(["lambda:InvokeFunction"], called),
    ...(runsRotations ? [...runningRotations(arns), ...runningOwnParts(flow, arns)] : []),
  ];
}

/** Starts rotations and waits for each; the same right tells it of the end of whatever else it starts. */
function runningRotations(arns: Arns): Statement[] {
  return [
    allow(["states:StartExecution"], [arns.flow("rotation")]),
    allow(["states:DescribeExecution", "states:StopExecution"], [arns.executions("rotation")]),
    allow(["events:PutRule", "events:PutTargets", "events:DescribeRule"], [arns.endOfExecutions]),
  ];
}

/**
 * The parts of a Distributed Map run as executions of the state machine under a label, e.g. `…:NAME/TurnEach:…`. Where one act
 * means many, its parts start executions of that same flow, too.
 */
function runningOwnParts(flow: FlowName, arns: Arns): Statement[] {
  const own = arns.executions(flow);
  return [
    allow(["states:StartExecution"], [arns.flow(flow)]),
    allow(["states:DescribeExecution", "states:StopExecution"], [own, own.replace(/:\*$/, "/*")]),
  ];
}

/** What a rule or the schedule may do: start its flow. */
export function startRights(flow: FlowName, arns: Arns): Statement[] {
  return [allow(["states:StartExecution"], [arns.flow(flow)])];
}
