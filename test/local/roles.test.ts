import { expect, test } from "vitest";
import { arnsHere, rolesHere } from "../../local/roles.ts";

test("whoever has a role here has one of a name of its own", () => {
  const made = { keyMaterialKey: "", nonceKey: "", tableKey: "", alertTopic: "", eventBus: "" };
  const names = rolesHere(arnsHere(made, ["timestream"])).map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
