export type InstanceState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

/** What came out of a script. */
export interface ScriptResult {
  /** `null` when it was killed. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

/** How SSM reaches the instances. */
export interface InstanceShell {
  /** The state of an instance; `undefined` when there is none of that ID. */
  state(ec2InstanceId: string): InstanceState | undefined;

  /**
   * Runs a shell script on a running instance, in its folder. The agent's name is a command there.
   *
   * @throws Error when the instance is not running
   */
  runScript(ec2InstanceId: string, run: { script: string; timeoutMs: number }): Promise<ScriptResult>;
}
