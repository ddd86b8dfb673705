import { CHECKLISTS } from "./checklists/index.ts";
import { prove, proveTogether } from "./prove.ts";

/**
 * `npm run changing`: shows for each checklist of docs/changing.md that a place left out is named by a failing test, and
 * that all tests pass when everything is added. Words choose lists: `npm run changing -- alarm setting`.
 */
const began = Date.now();
const wanted = process.argv.slice(2).map((word) => word.toLowerCase());
const chosen = CHECKLISTS.filter(
  ({ title }) => wanted.length === 0 || wanted.some((word) => title.toLowerCase().includes(word)),
);
const faults: string[] = [];
for (const checklist of chosen) faults.push(...(await prove(checklist, (line) => console.log(line.split("\n")[0]))));
if (faults.length === 0 && wanted.length === 0) {
  const fault = await proveTogether(chosen);
  console.log(fault === undefined ? "Everything added: all tests pass" : "Everything added: SOMETHING FAILS");
  if (fault !== undefined) faults.push(fault);
}
for (const fault of faults) console.error(`\n${fault}`);
const places = chosen.reduce((sum, one) => sum + one.places.length, 0);
const seconds = Math.round((Date.now() - began) / 1000);
console.log(`${chosen.length} checklists, ${places} places, ${faults.length} faults, ${seconds} s`);
process.exitCode = faults.length > 0 || places === 0 ? 1 : 0;
