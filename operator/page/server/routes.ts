/** What is asked of a route. */
export interface Asked {
  /** What stands in the path in the place of `:name`, decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  /** What was posted: any JSON; whoever takes it checks it. */
  body: unknown;
  /** Aborted when whoever asked is gone. */
  gone: AbortSignal;
}

/** Something that the page may ask for, answered as JSON. */
export interface Route {
  method: "GET" | "POST";
  /** E.g. `/api/life/:subject`. */
  path: string;
  /** @throws Stopped (refused, or misused) with a sentence for people; anything else is told as AWS's failure */
  answer(asked: Asked): Promise<unknown>;
}

/**
 * The route for a path, and what stands in it; undefined where there is none.
 *
 * @throws URIError for a path that cannot be decoded
 */
export function routeFor(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | undefined {
  const parts = path.split("/");
  for (const route of routes) {
    const wanted = route.path.split("/");
    if (route.method !== method || wanted.length !== parts.length) continue;
    if (!wanted.every((part, index) => part.startsWith(":") || part === parts[index])) continue;
    const named = wanted.flatMap((part, index) => (part.startsWith(":") ? [[part.slice(1), parts[index] ?? ""]] : []));
    return { route, params: Object.fromEntries(named.map(([name, text = ""]) => [name, decodeURIComponent(text)])) };
  }
  return undefined;
}
