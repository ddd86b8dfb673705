import { type ComponentChildren, Fragment } from "preact";
import type { LifeDocument, LifeInstance } from "../../../wire/life.ts";
import { Acts } from "../../acts/acts.tsx";
import { instances, where } from "../../live.ts";
import { Badge, Labelled, When } from "../../parts/text.tsx";
import { to } from "../../places.ts";
import { utc } from "../../time.ts";

const KINDS = { instance: "Instance", host: "Host", secret: "Credential", "access-key": "Access key" };

/** What a subject is called; of one of whom nothing is read yet, what was asked for. */
export function titleOf(about: string, life?: LifeDocument): string {
  return life === undefined ? about : `${KINDS[life.kind]} ${life.subject}`;
}

/** What a subject is now. */
export function Head({ document: life }: { document: LifeDocument }) {
  const { subject, instance, now, kind, otherIds } = life;
  if (instance !== undefined) return <OfInstance instance={instance} otherIds={otherIds} />;
  return (
    <section class="card" aria-label="What it is now">
      <Labelled lines={now.map(([label, text]) => [label === subject ? "It is" : label, text])} />
      {kind === "secret" && where.value?.acts && <Acts id={subject} />}
      {kind === "secret" && (
        <p>
          <a href={to("credentials", subject)}>Its versions and consumers</a>
        </p>
      )}
    </section>
  );
}

function OfInstance({ instance, otherIds }: { instance: LifeInstance; otherIds: readonly string[] }) {
  const { id, status, ec2InstanceId, ip, agentVersion, generation, keySince, dueAt, retiredAt, registeredAt } =
    instance;
  const { verdict, judgedAt, lastProofAt, failingSince, waitingSince, isRekeyed } = instance;
  const { tone = "quiet", words = [] } = instances.value.get(id) ?? {};
  return (
    <section class="card head" aria-label="What it is now">
      <p class="badges">
        <Badge tone={status === "ACTIVE" ? "good" : status === "QUARANTINED" ? "warn" : "quiet"}>{status}</Badge>
        {status !== "RETIRED" && <Badge tone={tone}>{verdict ?? "not judged yet"}</Badge>}
        {words
          .filter((word) => word !== verdict)
          .map((word) => (
            <Badge key={word} tone={tone}>
              {word}
            </Badge>
          ))}
      </p>
      <div class="columns">
        <Labelled
          lines={present([
            ["Host", ec2InstanceId !== "" && <span class="id">{ec2InstanceId}</span>],
            ["Address", ip !== undefined && <span class="id">{ip}</span>],
            ["Agent", agentVersion],
            ["Registered", registeredAt !== undefined && <When at={registeredAt} />],
            ["Retired", retiredAt !== undefined && <When at={retiredAt} />],
            ["Other IDs", otherIds.length > 0 && <Ids ids={otherIds} />],
          ])}
        />
        <Labelled
          lines={present([
            [
              "Key",
              generation === undefined ? (
                retiredAt === undefined && "none: somebody has altered its record"
              ) : (
                <>
                  generation <strong>{generation}</strong>, since <When at={keySince} />
                </>
              ),
            ],
            ["Next turn", dueAt !== undefined && <When at={dueAt} />],
            ["Last proof", lastProofAt !== undefined && <When at={lastProofAt} />],
            ["Judged", judgedAt !== undefined && <When at={judgedAt} />],
            ["Failing", failingSince !== undefined && `it could not be turned since ${utc(failingSince)}`],
            ["Waiting", waitingSince !== undefined && `for a proof, since ${utc(waitingSince)}`],
            ["Rekey", isRekeyed === true && "one stands: the instance is to agree a new key"],
          ])}
        />
      </div>
      {where.value?.acts && status !== "RETIRED" && <Acts key={id} id={id} status={status} />}
    </section>
  );
}

function Ids({ ids }: { ids: readonly string[] }) {
  return (
    <>
      {ids.map((id) => (
        <Fragment key={id}>
          <a class="id" href={to("instance", id)}>
            {id}
          </a>{" "}
        </Fragment>
      ))}
      of the same host
    </>
  );
}

function present(lines: readonly (readonly [string, ComponentChildren])[]) {
  return lines.filter(([, content]) => content !== false && content !== undefined);
}
