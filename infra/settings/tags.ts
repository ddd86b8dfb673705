/** AWS takes 50 for a resource, its own aside. The launch template has two of the stack's: its name, and what marks a host. */
const MOST_TAGS = 48;

/** What every service takes in a tag's name and value: letters, digits and spaces of any language, and these signs. */
const SIGNS = /^[\p{L}\p{N}\p{Z}_.:/=+@-]*$/u;

/** What is wrong with tags, by the name of each; with `undefined` for its name, what is wrong with all of them together. */
export function* faultsOfTags(tags: Record<string, string>): Generator<[name: string | undefined, fault: string]> {
  const names = Object.keys(tags);
  if (names.length > MOST_TAGS) yield [undefined, `are ${names.length}, and must be ${MOST_TAGS} at the most`];
  for (const [i, name] of names.entries()) {
    const twin = names.slice(0, i).find((one) => one.toLowerCase() === name.toLowerCase());
    if (/^aws:/i.test(name)) yield [name, "has a name that begins with aws:, which AWS keeps for its own tags"];
    else if (name.trim() === "" || name.length > 128) yield [name, "has a name that must be 1 to 128 characters long"];
    else if (!SIGNS.test(name)) yield [name, "has a name that must be of letters, digits, spaces and _ . : / = + - @"];
    else if (twin !== undefined) yield [name, `is ${twin} once more: IAM does not tell capitals apart`];
    const value = tags[name] ?? "";
    if (value.length > 256 || !SIGNS.test(value)) {
      yield [name, "has a value that must be of up to 256 letters, digits, spaces and _ . : / = + - @"];
    }
  }
}
