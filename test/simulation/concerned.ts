import type { Outcome } from "./simulation.ts";

/** An instance, its host, a secret or an access key. */
const A_NAME = /\b(?:i-[\da-f]{17}|[\da-f]{6}|[a-z]+\/[a-z-]+|AKIA[A-Z\d]{16})\b/g;

/** Whom a failure is about. */
interface Concerned {
  /** By their numbers. */
  agents: number[];
  /** All names by which the history speaks of them. */
  names: Set<string>;
  /** The names of all others. */
  others: Set<string>;
}

/** Whom the sentence of a failure names, and who has been the same host. */
export function concerned({ fleet, broken = "" }: Outcome): Concerned {
  const { world, agents } = fleet;
  const named = new Set(broken.match(A_NAME));
  const ofHosts = [...world.registry.records.values()].map(({ id, ec2InstanceId }) => [id, ec2InstanceId]);
  for (const host of world.hosts.values()) ofHosts.push([host.lastId ?? "", host.ec2InstanceId]);
  const hosts = new Set(ofHosts.filter((names) => names.some((name) => named.has(name))).map(([, host]) => host));
  const names = new Set([...named, ...ofHosts.filter(([, host]) => hosts.has(host)).flat()]);
  names.delete("");
  const others = new Set(ofHosts.flat().filter((name) => !names.has(name)));
  return {
    names,
    others,
    agents: agents.flatMap(({ ec2InstanceId }, number) => (hosts.has(ec2InstanceId) ? [number] : [])),
  };
}

/** The lines of a history that are about whom a failure names, or about no instance in particular; all of it if it names nobody. */
export function linesOfConcern(outcome: Outcome): string[] {
  const { names, others } = concerned(outcome);
  const { lines } = outcome.fleet.history;
  if (names.size === 0) return lines;
  return lines.filter((line) => {
    // Six digits may also be a number, such as of milliseconds.
    const inLine = (line.match(A_NAME) ?? []).filter(
      (name) => !/^\d{6}$/.test(name) || names.has(name) || others.has(name),
    );
    return inLine.length === 0 || inLine.some((name) => names.has(name));
  });
}

/** Of lines that differ only in figures and times the first ones and the last, with how many there were between. */
export function folded(lines: string[]): string[] {
  const alike = Map.groupBy(lines, shapeOf);
  const seen = new Map<string, number>();
  return lines.flatMap((line) => {
    const all = alike.get(shapeOf(line))?.length ?? 0;
    const number = (seen.get(shapeOf(line)) ?? 0) + 1;
    seen.set(shapeOf(line), number);
    if (number <= MOST_ALIKE || all === MOST_ALIKE + 1) return [line];
    return number === all ? [`${line} (and ${all - MOST_ALIKE - 1} like it before)`] : [];
  });
}

/** How many lines of a kind are shown before the last one. */
const MOST_ALIKE = 3;

function shapeOf(line: string): string {
  return line.replaceAll(/[\da-f]*\d[\da-f]*/g, "");
}
