import { init, runBaseTests, setupEnvironment } from "vitest/worker";

// The process of the pool in kept-pool.ts. What a run has left of our own modules is forgotten before the next one.

type Run = typeof runBaseTests;
type Modules = Parameters<Run>[1]["evaluatedModules"];

const OF_VITEST = /\/vitest\/dist\/|vitest-virtual-\w+\/dist|@vitest\/dist/;
/** Those that runs have in common. */
let modules: Modules | undefined;

async function runAnew(
  method: Parameters<Run>[0],
  state: Parameters<Run>[1],
  traces: Parameters<Run>[2],
): Promise<void> {
  modules?.idToModuleMap.forEach((module, id) => {
    if (!OF_VITEST.test(id)) modules?.invalidateModule(module);
  });
  await runBaseTests(method, state, traces);
  modules = state.evaluatedModules;
}

init({
  post: (message) => process.send?.(message),
  on: (listener) => process.on("message", listener),
  off: (listener) => process.off("message", listener),
  runTests: (state, traces) => runAnew("run", state, traces),
  collectTests: (state, traces) => runAnew("collect", state, traces),
  setup: setupEnvironment,
});
process.on("disconnect", () => process.exit());
