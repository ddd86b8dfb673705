import { findPrograms } from "../../../local/postgres/programs.ts";
import { startPostgres } from "../../../local/postgres/server.ts";

// Starts a server in the folder that is named, says which process it is, and lives on until somebody kills it.

const programs = findPrograms();
if ("missing" in programs) throw new Error(programs.missing);
const { pid } = await startPostgres({ folder: process.argv[2] ?? "", programs: programs.folder, outlasts: false });
process.stdout.write(`${pid}\n`);
setInterval(() => undefined, 60_000);
