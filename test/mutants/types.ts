import { join } from "node:path";
import { API } from "typescript/unstable/sync";

/** That something is not used any more says nothing against what an altered text does. */
const UNUSED = [6133, 6138, 6192, 6196, 6198, 6199];

/** The compiler, over the repository's files and altered ones. */
export class Types {
  readonly #api: API;
  readonly #root: string;
  #altered: { file: string; text: string } | undefined;

  constructor(root: string) {
    this.#root = root;
    const readFile = (file: string) => (file === this.#altered?.file ? this.#altered.text : undefined);
    this.#api = new API({ cwd: root, fs: { readFile } });
    this.#api.updateSnapshot({ openProjects: [join(root, "tsconfig.json")] });
  }

  /** What the compiler says against a text in the place of a file's own; undefined where it takes it. */
  against(path: string, text: string): string | undefined {
    const file = join(this.#root, path);
    const changed = [...new Set([file, this.#altered?.file ?? file])];
    this.#altered = { file, text };
    const [project] = this.#api.updateSnapshot({ fileChanges: { changed } }).getProjects();
    const program = project?.program;
    const all = [...(program?.getSyntacticDiagnostics(file) ?? []), ...(program?.getSemanticDiagnostics(file) ?? [])];
    return all.find(({ code }) => !UNUSED.includes(code))?.text;
  }

  close(): void {
    this.#api.close();
  }
}
