import type { ConsumerRow, CredentialRow, VersionRow } from "../../../wire/live.ts";
import { now } from "../../live.ts";
import { ExecutionLink, SubjectLink } from "../../parts/link.tsx";
import { Table } from "../../parts/table.tsx";
import { Badge, Empty, When } from "../../parts/text.tsx";
import { to } from "../../places.ts";
import { utc } from "../../time.ts";
import { consumerSaid, turnOf, turnSaid, versionSaid } from "./say.ts";

/** One credential: its users and versions, who uses it, and what is wrong with it. */
export function Card({ row }: { row: CredentialRow }) {
  const { name, tone, words, versions, consumers, failing, causes } = row;
  const turn = turnOf(row);
  const others = words.filter((word) => !causes.includes(word) && !word.startsWith("failing "));
  return (
    <section class={`card credential ${tone}`}>
      <div class="head">
        <h2>
          <a href={to("credentials", name)}>{name}</a>
        </h2>
        {causes.map((cause) => (
          <Badge key={cause} tone="bad">
            {cause}
          </Badge>
        ))}
        {others.map((word) => (
          <Badge key={word} tone="quiet">
            {word}
          </Badge>
        ))}
        <span class="ways">
          <a href={to("instance", name)}>Its life</a>
          <a href={to("audit", name)}>Its audit lines</a>
        </span>
      </div>
      {causes.length > 0 && (
        <p>
          {causes.length === 1 ? "Something stands about it" : `${causes.length} findings stand about it`}:{" "}
          <a href={to("attention")}>what it means and what to do</a>.
        </p>
      )}
      {failing !== undefined && (
        <p class="banner bad">
          No turn has come to its end since {utc(failing.since)}: {failing.what}. It is tried again{" "}
          {failing.nextTryAt > now.value ? <When at={failing.nextTryAt} /> : "now"}.
        </p>
      )}
      {turn !== undefined && (
        <p class="turn">
          {turnSaid(turn, row)}
          {!turn.isUnused && <progress value={turn.moved} max={turn.of} aria-label={`${turn.moved} of ${turn.of}`} />}
        </p>
      )}
      <h3>Versions</h3>
      {versions.length === 0 ? (
        <Empty>None was promoted yet: it stands here once the first turn has.</Empty>
      ) : (
        <Versions name={name} versions={versions} />
      )}
      <h3>Consumers</h3>
      {consumers.length === 0 ? (
        <Empty>Nobody was seen with it yet.</Empty>
      ) : (
        <Consumers name={name} consumers={consumers} isTurning={turn !== undefined} />
      )}
    </section>
  );
}

const VERSIONS = [
  ...[{ title: "User or token" }, { title: "It is" }, { title: "Since" }],
  ...[
    { title: "Version", isSpare: true },
    { title: "By execution", isSpare: true },
  ],
];

function Versions({ name, versions }: { name: string; versions: readonly VersionRow[] }) {
  return (
    <Table
      label={`Versions of ${name}`}
      columns={VERSIONS}
      rows={versions.map((version) => {
        const { is, user, since, shutAt, goodUntil, versionId, execution = "" } = version;
        const { tone, word, more } = versionSaid(version);
        return {
          key: is,
          cells: [
            <span class="id">{user}</span>,
            <>
              <Badge tone={tone}>{word}</Badge>{" "}
              {[more, goodUntil !== undefined && `good until ${utc(goodUntil)}`].filter(Boolean).join(", ")}
            </>,
            <When at={is === "current" ? since : shutAt} />,
            <span class="id">{versionId ?? "–"}</span>,
            <ExecutionLink arn={execution} />,
          ],
        };
      })}
    />
  );
}

const CONSUMERS = [{ title: "Consumer" }, { title: "It is" }];

function Consumers({
  name,
  consumers,
  isTurning,
}: {
  name: string;
  consumers: readonly ConsumerRow[];
  isTurning: boolean;
}) {
  return (
    <Table
      label={`Consumers of ${name}`}
      columns={CONSUMERS}
      rows={consumers.map((one) => {
        const { consumer, from, behind } = one;
        const { tone, word, why } = consumerSaid(one, isTurning);
        return {
          key: JSON.stringify([consumer, from]),
          isBad: behind !== undefined,
          cells: [
            <>
              <strong>{consumer === "" ? "one who gives no name" : consumer}</strong> <Places from={from} />
            </>,
            <>
              <Badge tone={tone}>{word}</Badge> {why}
              <LastSeen one={one} />
            </>,
          ],
        };
      })}
    />
  );
}

function LastSeen({ one: { at, user, by } }: { one: ConsumerRow }) {
  if (at === undefined) return null;
  return (
    <span class="seen">
      seen <When at={at} /> with <span class="id">{user ?? "–"}</span>
      {by !== undefined && `, by ${by === "proofs" ? "its proof" : "its session"}`}
    </span>
  );
}

function Places({ from }: { from: readonly string[] }) {
  if (from.length === 0) return null;
  return (
    <span class="place">
      at{" "}
      {from.map((one, at) => (
        <span key={one}>
          {at > 0 && ", "}
          <SubjectLink subject={one} />
        </span>
      ))}
    </span>
  );
}
