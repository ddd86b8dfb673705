import { standing } from "../../live.ts";
import { to } from "../../places.ts";

/** What an execution that ended well has found, as a look of the watch does, for as long as it stands. */
export function Found({ arn }: { arn: string }) {
  const found = standing.value.filter(({ execution }) => execution === arn);
  if (found.length === 0) return null;
  return (
    <section class="banner warn execution-failure" aria-label="What it found">
      {found.map(({ subject, named, cause, title }) => (
        <p key={`${subject} ${cause}`}>
          It found <strong>{cause}</strong> on {named}: {title}. <a href={to("attention")}>What to do</a>
        </p>
      ))}
    </section>
  );
}
