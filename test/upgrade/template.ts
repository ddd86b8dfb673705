import type { Synthesized } from "../infra/synthesized.ts";

/** The commands by which a template's instances install the agent, references written as `${LogicalId}`. */
export function installCommandsIn(template: Synthesized): string {
  const [found] = template.ofType("AWS::EC2::LaunchTemplate");
  if (found === undefined) throw new Error("the template launches nothing");
  const { UserData } = found[1].Properties.LaunchTemplateData as { UserData: string };
  return UserData;
}

/** The agent's settings file, as commands that install it write it, in whichever way. @throws Error when they write none */
export function agentSettingsIn(commands: string): string {
  const settings = Array.from(commands.matchAll(/(?:^|')((?:KEYTURN|AWS)_[A-Z_]+=[^'\n]*)'?$/gm), ([, line]) => line);
  if (settings.length === 0) throw new Error("these commands write no settings of the agent");
  return `${settings.join("\n")}\n`;
}
