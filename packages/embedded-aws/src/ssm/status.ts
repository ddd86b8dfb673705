/** How an invocation stands: what `Status` and `StatusDetails` say of it. */
export type InvocationStatus =
  | "Pending"
  | "Delayed"
  | "InProgress"
  | "Success"
  | "Failed"
  | "ExecutionTimedOut"
  | "DeliveryTimedOut"
  | "Undeliverable"
  | "Terminated";

/** How a command as a whole stands. */
export type CommandStatus = InvocationStatus | "Incomplete" | "NoInstancesInTag";

/** The coarser `Status` that AWS shows beside the details. */
export function coarse(status: CommandStatus): string {
  switch (status) {
    case "ExecutionTimedOut":
    case "DeliveryTimedOut":
      return "TimedOut";
    case "Undeliverable":
    case "Incomplete":
      return "Failed";
    case "Terminated":
      return "Cancelled";
    case "NoInstancesInTag":
      return "Success";
    default:
      return status;
  }
}

export function isOpen(status: CommandStatus): boolean {
  return status === "Pending" || status === "Delayed" || status === "InProgress";
}

/** Whether an invocation counts against its command's MaxErrors; one that was never delivered does not. */
export function isError(status: InvocationStatus): boolean {
  return status === "Failed" || status === "ExecutionTimedOut";
}

/** What a command is when its invocations are these, once it allows so many errors. */
export function summary(statuses: InvocationStatus[], maxErrors: number): CommandStatus {
  const count = (status: InvocationStatus) => statuses.filter((one) => one === status).length;
  if (statuses.some(isOpen)) return statuses.every((one) => one === "Pending") ? "Pending" : "InProgress";
  if (count("Success") === statuses.length) return "Success";
  for (const status of ["Failed", "ExecutionTimedOut", "DeliveryTimedOut"] as const) {
    if (count(status) > maxErrors) return status;
  }
  if (statuses.filter(isError).length > maxErrors) return "Failed";
  return count("Undeliverable") === statuses.length ? "Undeliverable" : "Incomplete";
}

/** A limit as AWS takes it, `"3"` or `"10%"` of the targets, as a number. */
export function limitOf(text: string, targets: number): number {
  const percentage = /^(\d+)%$/.exec(text)?.[1];
  return percentage === undefined ? Number(text) : Math.floor((targets * Number(percentage)) / 100);
}
