import type { ComponentChildren } from "preact";
import { credentials, instances } from "../live.ts";
import { to } from "../route.ts";
import { executionName, hrefOf } from "./links.ts";

/** A subject, with the way to where it is looked at where there is one. @param children how it is named; as itself where left out */
export function SubjectLink({ subject, children }: { subject: string; children?: ComponentChildren }) {
  const href = hrefOf(subject, { instances: instances.value, credentials: credentials.value });
  const named = <span class="id">{children ?? subject}</span>;
  return href === undefined ? named : <a href={href}>{named}</a>;
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
