/** The neighbours of a step whose n-th call of them dies, before or after it has done its work; counted from 1. */
export function dyingAt<Neighbours extends object>(neighbours: Neighbours, n: number, when: "before" | "after") {
  let calls = 0;
  const dying = <Client extends object>(client: Client): Client =>
    new Proxy(client, {
      get(target, name, receiver) {
        const real: unknown = Reflect.get(target, name, receiver);
        if (typeof real !== "function") return real;
        return async (...given: unknown[]) => {
          calls += 1;
          const isLast = calls === n;
          if (isLast && when === "before") throw new Error("died");
          const answer: unknown = await real(...given);
          if (isLast) throw new Error("died");
          return answer;
        };
      },
    });
  const all = Object.entries(neighbours).map(([name, client]) => [name, dying(client)]);
  return { neighbours: Object.fromEntries(all) as Neighbours, calls: () => calls };
}

/**
 * Runs something anew for each of its calls, which dies there, until it comes to its end.
 *
 * @param attempt.begin makes the world, and gives the neighbours whose calls are counted
 * @param attempt.run with those neighbours
 * @param attempt.check after each death
 * @returns how many deaths there were
 */
export async function atEachCall<World, Neighbours extends object>(
  when: "before" | "after",
  {
    begin,
    run,
    check,
  }: {
    begin: () => Promise<{ world: World; neighbours: Neighbours }>;
    run: (world: World, neighbours: Neighbours) => Promise<unknown>;
    check: (world: World, n: number) => Promise<void>;
  },
): Promise<number> {
  for (let n = 1; ; n += 1) {
    const { world, neighbours } = await begin();
    const died = dyingAt(neighbours, n, when);
    const hasEnded = await run(world, died.neighbours).then(
      () => true,
      () => false,
    );
    if (hasEnded) return n - 1;
    await check(world, n);
  }
}
