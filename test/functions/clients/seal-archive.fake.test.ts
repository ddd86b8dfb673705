import { fakeSealArchive } from "../../../functions/clients/seal-archive.fake.ts";
import { sealArchiveSuite } from "./seal-archive.suite.ts";

sealArchiveSuite(() => {
  const archive = fakeSealArchive();
  return { archive, kept: async (day) => archive.kept.get(day) };
});
