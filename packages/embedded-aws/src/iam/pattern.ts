/** Whether a text is one of these, in which `*` stands for any characters and `?` for any one. */
export function anyOf(patterns: readonly string[]): (text: string) => boolean {
  if (patterns.includes("*")) return () => true;
  const plain = new Set(patterns.filter((pattern) => !/[*?]/.test(pattern)));
  const wild = patterns.filter((pattern) => /[*?]/.test(pattern)).map((pattern) => expression(pattern, ".*"));
  return (text) => plain.has(text) || wild.some((one) => one.test(text));
}

/** The same for ARNs: before the resource, `*` does not reach over a colon. */
export function anyArnOf(patterns: readonly string[]): (arn: string) => boolean {
  const wild = patterns.map((pattern) => {
    const parts = pattern.split(":");
    const [place, resource] = [parts.slice(0, 5).join(":"), parts.slice(5).join(":")];
    return parts.length < 6 ? undefined : [expression(place, "[^:]*"), expression(resource, ".*")];
  });
  return (arn) => {
    const [, place = "", resource = ""] = /^((?:[^:]*:){4}[^:]*):(.*)$/s.exec(arn) ?? [];
    return wild.some((one) => one?.[0]?.test(place) && one[1]?.test(resource));
  };
}

function expression(pattern: string, any: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("?", ".")
    .replaceAll("*", any);
  return new RegExp(`^${escaped}$`, "s");
}
