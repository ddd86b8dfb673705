import { kind } from "../kind.ts";
import { hasOther } from "../others.ts";
import { AN_HOUR_MS } from "../times.ts";

/** Somebody alters a key file, damages it, or removes it: people are told, and what they are told mends it. */
export const keyFileAltered = kind<{ agent: number; how: "altered" | "damaged" | "removed" }>({
  rate: { perAgentDay: 0.02 },
  draw: (draw) => ({ agent: draw.agent(), how: draw.one(["altered", "damaged", "removed"] as const) }),
  async befall({ agent, how }, fleet) {
    const host = fleet.agent(agent);
    if ((await host.keyFile()) === undefined) return;
    const id = (await host.ownId()) ?? "";
    if (how === "altered") await host.alterKey();
    else if (how === "damaged") await host.damageKeyFile();
    else await host.removeKeyFile();
    const isMended = () => (fleet.recordOf(host)?.rekeyedAt ?? 0) > (host.alteredAt ?? 0);
    // Nobody is told of what is in quarantine, and while a copy proves the key, all that is seen is right.
    const isHidden = () => fleet.recordOf(host)?.status === "QUARANTINED" || hasOther(host, fleet);
    const causes = ["MISMATCH", "STALE", "CONFLICT", "KeyTooOld", "PushRefused", "PushFailed"];
    fleet.expectations.add(
      {
        subjects: [id],
        causes,
        because: `its key file was ${how}`,
        unless: () => isMended() || isHidden() || host.state !== "running",
      },
      4 * AN_HOUR_MS,
    );
  },
});
