import { spawn } from "node:child_process";

/** What opens an address in the browser of this computer; undefined where there is none that could be seen. */
export function browserOf(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string | undefined {
  if (platform === "darwin") return "open";
  return platform === "linux" && (env.DISPLAY || env.WAYLAND_DISPLAY) ? "xdg-open" : undefined;
}

/** Opens an address. Where that fails nothing is said: the address was. */
export function openBrowser(program: string, address: string): void {
  const child = spawn(program, [address], { stdio: "ignore", detached: true });
  child.once("error", () => undefined);
  child.unref();
}
