const KNOWN: ReadonlySet<string> = new Set(Intl.supportedValuesOf("timeZone"));

/** The areas after which IANA names time zones, those of today and of earlier lists. */
const IN_AN_AREA =
  /^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US)\/[A-Z]/;

/** Of the names in two or three letters, those of IANA's: Intl also takes abbreviations, of which `IST` means three zones. */
const SHORT = ["CET", "EET", "EST", "GB", "GMT", "HST", "MET", "MST", "NZ", "PRC", "ROC", "ROK", "UCT", "UTC", "WET"];

/**
 * Whether EventBridge Scheduler knows a time zone, which takes the names of IANA's database: `Europe/Berlin`, `UTC`,
 * `EST5EDT`, and earlier names such as `US/Eastern`. Intl lists one name for each zone, and takes others too, but also
 * what is none of IANA's, e.g. `+01:00`, and does not ask about capitals, which a time zone's name has.
 */
export function isTimeZone(name: string): boolean {
  if (KNOWN.has(name)) return true;
  const isNamedSo = IN_AN_AREA.test(name) || SHORT.includes(name) || /^[A-Z][A-Za-z0-9+-]{3,}$/.test(name);
  return isNamedSo && !isMisspelt(name, otherNameOf(name));
}

/** Under which name Intl lists that time zone; undefined where there is none. */
function otherNameOf(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function isMisspelt(name: string, other: string | undefined): boolean {
  return other === undefined || (other !== name && other.toLowerCase() === name.toLowerCase());
}
