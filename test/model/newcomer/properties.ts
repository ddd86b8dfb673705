import type { Property } from "../model.ts";
import { IDS, isLive, type State } from "./state.ts";

/** What must hold at every moment (design 3.6), of the records of one EC2 instance. */
export const PROPERTIES: Property<State>[] = [
  {
    name: "no rightful host loses its record to a thief",
    broken({ records, host }, before) {
      const { holds } = host;
      if (holds === "") return undefined;
      if (before.records[holds].status === "ACTIVE" && records[holds].status === "RETIRED")
        return `${holds} is retired, which the host holds.`;
      const thiefs = IDS.find(
        (id) =>
          records[id].behind === "thief" && records[id].status === "ACTIVE" && before.records[id].status !== "ACTIVE",
      );
      return thiefs && `${thiefs} is a thief's, and live, while the host holds ${holds}.`;
    },
  },
  {
    name: "one live record",
    broken({ records }) {
      const live = IDS.filter((id) => isLive(records[id]) && records[id].status !== "NEW");
      return live.length > 1 ? `${live.join(" and ")} are both live.` : undefined;
    },
  },
];

export function isRight({ records, owner, host, registrations, executions }: State): boolean {
  const live = IDS.filter((id) => isLive(records[id]));
  const isHosts = live.length === 1 && live[0] === host.holds && owner.holder === host.holds && host.on;
  return isHosts && records[live[0]!].status === "ACTIVE" && registrations.length + executions.length === 0;
}
