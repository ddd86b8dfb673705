import type { ComponentChildren } from "preact";
import { credentials, instances } from "../live.ts";
import { to } from "../places.ts";
import { atAGlance, executionName, hrefOf } from "./links.ts";

/** A subject, with the way to where it is looked at where there is one. @param children how it is named; as itself where left out */
export function SubjectLink({ subject, children }: { subject: string; children?: ComponentChildren }) {
  const href = hrefOf(subject, { instances: instances.value, credentials: credentials.value });
  const named = <span class="id">{children ?? subject}</span>;
  return href === undefined ? named : <a href={href}>{named}</a>;
}

/** An execution by its name, as a line names it, and the way to it where its ARN is known. A dash where there is none. */
export function NamedExecution({ name = "", arn }: { name?: string | undefined; arn?: string | undefined }) {
  if (name === "") return <span class="faint">–</span>;
  const named = (
    <span class="id" title={name}>
      {atAGlance(name)}
    </span>
  );
  return arn === undefined ? named : <a href={to("execution", arn)}>{named}</a>;
}

/** An execution, and the way to it. @param arn of it; a dash where it is empty */
export function ExecutionLink({ arn }: { arn: string }) {
  if (arn === "") return <span class="faint">–</span>;
  return (
    <a href={to("execution", arn)} title={arn}>
      <span class="id">{executionName(arn)}</span>
    </a>
  );
}
