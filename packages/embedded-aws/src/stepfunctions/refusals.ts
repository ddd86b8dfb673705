import { AwsError } from "../http/service.ts";
import type { Problem } from "./definition/reader.ts";

// The errors of the Step Functions API, with the texts of AWS.

export function invalidDefinition(problems: Problem[]): AwsError {
  const texts = problems.map(({ code, message, location }) => `${code}: ${message} at ${location}`);
  return new AwsError("InvalidDefinition", `Invalid State Machine Definition: '${texts.join(", ")}'`);
}

export function machineDoesNotExist(arn: string): AwsError {
  return new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
}

export function executionDoesNotExist(arn: string): AwsError {
  return new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
}

export function executionAlreadyExists(arn: string): AwsError {
  return new AwsError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
}

export function invalidToken(): AwsError {
  return new AwsError("InvalidToken", "Invalid Token: 'Invalid token'");
}

export function typeNotSupported(): AwsError {
  return new AwsError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine");
}

export function invalidInput(why: string): AwsError {
  return new AwsError("InvalidExecutionInput", `Invalid State Machine Execution Input: '${why}'`);
}

export function validation(why: string): AwsError {
  return new AwsError("ValidationException", `1 validation error detected: ${why}`);
}
