import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ExecutionDocument, Graph, Json } from "../../../wire/executions.ts";
import { useAsked } from "../../ask.ts";
import { now, where } from "../../live.ts";
import { Loaded } from "../../parts/asked.tsx";
import { Folded } from "../../parts/folded.tsx";
import { partsOf } from "../../parts/links.ts";
import { Badge, Empty, Labelled, When } from "../../parts/text.tsx";
import { to } from "../../places.ts";
import { utc } from "../../time.ts";
import { Events } from "./events.tsx";
import "./executions.css";
import { Failure } from "./failure.tsx";
import { Found } from "./found.tsx";
import { Executions } from "./list.tsx";
import { Steps } from "./steps.tsx";
import { runArn, STATUS, took } from "./words.ts";

/** How often one is looked at that goes on. */
const EVERY_MS = { here: 1000, aws: 3000 };

export function View({ about }: { about: string }) {
  if (about !== "") return <One key={about} arn={about} />;
  return (
    <>
      <h1>Execution</h1>
      <Empty>
        Which one? <a href={to("executions")}>Choose it from the list.</a>
      </Empty>
    </>
  );
}

function One({ arn }: { arn: string }) {
  const [isOver, setOver] = useState(false);
  const every = isOver ? {} : { everyMs: EVERY_MS[where.value?.kind ?? "aws"] };
  const asked = useAsked<ExecutionDocument>(`/api/execution/${encodeURIComponent(arn)}`, every);
  const { answer } = asked.value;
  const hasEnded = answer !== undefined && answer.status !== "RUNNING" && answer.status !== "PENDING_REDRIVE";
  useEffect(() => {
    if (hasEnded || asked.value.isMissing) setOver(true);
  }, [hasEnded, asked.value.isMissing]);
  return (
    <>
      <h1>{answer === undefined ? "Execution" : titleOf(answer)}</h1>
      <p class="id execution-name">{partsOf(arn).name || arn}</p>
      <Loaded asked={asked.value}>{(document) => <Shown execution={document} />}</Loaded>
    </>
  );
}

function titleOf({ flow, id, secret, asked: { act } }: ExecutionDocument): string {
  const about = id ?? secret;
  return `${flow}${act === undefined ? "" : `: ${act}`}${about === undefined ? "" : ` of ${about}`}`;
}

function Shown({ execution }: { execution: ExecutionDocument }) {
  const { failure, input, output, graph, way, steps, startedAt, stoppedAt, items, events, isCut } = execution;
  return (
    <>
      {failure === undefined ? <Found arn={execution.arn} /> : <Failure execution={execution} failure={failure} />}
      <About execution={execution} />
      <Data label="Input" json={input} />
      {output !== undefined && <Data label="Output" json={output} />}
      <h2>The way it took</h2>
      <Graphed graph={graph} words={way} />
      <h2>Steps</h2>
      <Steps steps={steps} startedAt={startedAt} until={stoppedAt ?? Math.max(now.value, startedAt)} />
      {items.length > 0 && (
        <>
          <h2>The executions of its items</h2>
          {execution.hasMoreItems && (
            <p>These are the newest {items.length} of more; AWS's console has all of them under its Map Run.</p>
          )}
          <Executions label="The executions of its items" rows={items} />
        </>
      )}
      <h2>Events</h2>
      {isCut && (
        <p class="banner warn">
          These are the first {events.length} events of more: what came after them is missing here, and in the steps.
          AWS's console and <code>aws stepfunctions get-execution-history</code> have all of them.
        </p>
      )}
      <Events events={events} />
    </>
  );
}

function About({ execution }: { execution: ExecutionDocument }) {
  const { arn, flow, status, startedAt, stoppedAt, id, secret, asked, link } = execution;
  const { requestedBy, trigger, run, reason } = asked;
  const lines: [string, preact.ComponentChildren][] = [
    ["Status", <Badge key="status" tone={STATUS[status].tone} children={STATUS[status].word} />],
    [
      "Started",
      <>
        {utc(startedAt)} (<When at={startedAt} />)
      </>,
    ],
    [stoppedAt === undefined ? "So far" : "Took", took((stoppedAt ?? Math.max(now.value, startedAt)) - startedAt)],
  ];
  if (id !== undefined) lines.push(["About", <a key="id" class="id" href={to("instance", id)} children={id} />]);
  if (secret !== undefined)
    lines.push(["About", <a key="secret" href={to("credentials", secret)} children={secret} />]);
  if (requestedBy !== undefined) lines.push(["Asked by", `${requestedBy} (as claimed)`]);
  if (reason !== undefined) lines.push(["Reason", reason]);
  if (trigger !== undefined) lines.push(["Trigger", trigger]);
  if (run !== undefined) lines.push(["Run", <Run key="run" arn={arn} flow={flow} by={trigger} run={run} />]);
  if (where.value?.kind === "aws") lines.push(["In AWS", <a key="link" href={link} children="AWS's console" />]);
  return <Labelled lines={lines} />;
}

const STARTING = ["fleet-rotation", "operate"];

/** The execution of another flow that has started it, as it claims. */
function Run({ arn, flow, by, run }: { arn: string; flow: string; by: string | undefined; run: string }) {
  if (by === undefined || !STARTING.includes(by)) return <span class="id">{run}</span>;
  return (
    <a class="id" href={to("execution", runArn(arn, flow, { by, run }))}>
      {run}
    </a>
  );
}

function Data({ label, json: { text, cutOf } }: { label: string; json: Json }) {
  return (
    <Folded summary={label}>
      {() => (
        <>
          <pre>{text}</pre>
          {cutOf !== undefined && (
            <p class="faint">
              These are the first {text.length} of {cutOf} characters.
            </p>
          )}
        </>
      )}
    </Folded>
  );
}

type Drawing = ComponentType<{ graph: Graph; words: string }>;

/** The graph is drawn by what is loaded for it alone; until it is there, and where it cannot be had, the way is there in words. */
function Graphed({ graph, words }: { graph: Graph; words: string }) {
  const [{ Drawing }, setLoaded] = useState<{ Drawing?: Drawing }>({});
  useEffect(() => {
    import("./graph.tsx").then(setLoaded, () => undefined);
  }, []);
  return Drawing === undefined ? <p>{words}</p> : <Drawing graph={graph} words={words} />;
}
