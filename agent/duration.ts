/** How long something is, for a person, e.g. `3 d 2 h`: its two largest parts, rounded down. */
export function duration(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const parts = [
    `${Math.floor(seconds / 86_400)} d`,
    `${Math.floor(seconds / 3_600) % 24} h`,
    `${Math.floor(seconds / 60) % 60} min`,
    `${seconds % 60} s`,
  ];
  const first = parts.findIndex((part) => !part.startsWith("0 "));
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter((part) => !part.startsWith("0 "))
    .join(" ");
}
