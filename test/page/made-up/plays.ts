import { misused } from "../../../operator/exits.ts";
import type { Route } from "../../../operator/page/server/routes.ts";
import type { PlayRow, PlaysDocument, RunRow } from "../../../operator/page/wire/plays.ts";
import { FOUND, MINUTE, SECOND, SOUND, TAMPERED } from "./names.ts";

const ON = { on: [SOUND] };

const PLAYS: PlayRow[] = [
  { name: "tamper", title: "Tamper with a key", does: "Writes another key into the key file of an instance.", ...ON },
  { name: "stop", title: "Stop a host", does: "Stops an instance's host, as `aws ec2 stop-instances` does.", ...ON },
  {
    ...{
      name: "kill",
      title: "Kill the AWS",
      does: "Ends the process of `npm start` on the spot, and starts it again.",
    },
    cannot: "It is being started again.",
  },
];

/** A run of each kind: what has come, what is late, what is to be done, and what is to come after that. */
function runsOf(now: number): RunRow[] {
  const links = [
    { label: "The execution that found it", view: "execution", about: FOUND },
    { label: "The mail", view: "inbox", about: "1" },
  ];
  return [
    {
      ...{ number: 2, name: "tamper", title: "Tamper with a key", id: TAMPERED, startedAt: now - 9 * MINUTE },
      expectations: [
        { says: "The watch finds MISMATCH", metAt: now - 8 * MINUTE, links, isDue: true },
        { says: "You have it agree a fresh key", command: `npx keyturn rekey ${TAMPERED}`, links: [], isDue: true },
        { says: "The finding MISMATCH is over", links: [], isDue: false },
      ],
    },
    {
      ...{ number: 1, name: "stop", title: "Stop a host", id: SOUND, startedAt: now - 30 * MINUTE },
      expectations: [
        { says: "Its record says STOPPED", by: now - 29 * MINUTE, links: [], isDue: true },
        { says: "You start it again", button: "Start it", links: [], isDue: true },
        { says: "It is ACTIVE again", by: now + 20 * SECOND, links: [], isDue: true },
      ],
      failed: "The host did not stop.",
    },
  ];
}

/** What is played here. What is pressed stands as a new run, as there. */
export function playRoutes(now: number, { isFresh }: { isFresh: boolean }): Route[] {
  const runs = isFresh ? [] : runsOf(now);
  return [
    {
      method: "GET",
      path: "/here/plays",
      answer: async (): Promise<PlaysDocument> => ({ at: now, plays: PLAYS, runs }),
    },
    {
      method: "POST",
      path: "/here/plays/:name",
      async answer({ params: { name } }) {
        const play = PLAYS.find((one) => one.name === name);
        if (play === undefined) throw misused("There is no play of this name.");
        const run: RunRow = {
          number: runs.length + 1,
          name: play.name,
          title: play.title,
          id: SOUND,
          startedAt: now,
          expectations: [],
        };
        runs.unshift(run);
        return run;
      },
    },
    { method: "POST", path: "/here/runs/:number/mend", answer: async () => runs[0] },
    {
      method: "POST",
      path: "/here/acts/:act",
      answer: async ({ params: { act = "" }, body }) => ({
        act,
        results: (body as { ids: string[] }).ids.map((subject) => ({ subject, outcome: "QUARANTINED", said: "" })),
      }),
    },
  ];
}
