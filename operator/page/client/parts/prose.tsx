/** A sentence of advice, in which what is typed or written stands between backticks. */
export function Prose({ text }: { text: string }) {
  // Each second part stood between two of them.
  return <>{text.split("`").map((part, at) => (at % 2 === 0 ? part : <code key={at}>{part}</code>))}</>;
}
