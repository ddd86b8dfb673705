import { after, type Checklist, instead } from "../checklist.ts";

const NAME = "graceSeconds";
const VARIABLE = "GRACE_SECONDS";
const SETTINGS_TEST = "test/infra/settings.test.ts";

const allowed = after("infra/settings.ts", "  allowedSkewSeconds: whole(1, 600),\n", `  ${NAME}: whole(1, 60),\n`);
const shipped = after("cdk.json", '      "allowedSkewSeconds": 60,\n', `      "${NAME}": 5,\n`);
const described = after(
  "docs/deploying.md",
  "| `allowedSkewSeconds` | `60` | how far an instance's clock may be ahead |\n",
  `| \`${NAME}\` | \`5\` | how far ahead is excused in any case |\n`,
);
const otherwise = after("test/infra/template.test.ts", "    allowedSkewSeconds: 600,\n", `    ${NAME}: 60,\n`);
const variable = after(
  "functions/shared/settings.ts",
  '  ALLOWED_SKEW_SECONDS: "how far an instance\'s clock may be ahead",\n',
  `  ${VARIABLE}: "how far ahead is excused in any case",\n`,
);
const SKEW = '  skewMs: (settings) => milliseconds(settings, "ALLOWED_SKEW_SECONDS"),\n';
const read = [
  after("functions/shared/neighbours.ts", '  skewMs: ["ALLOWED_SKEW_SECONDS"', `, "${VARIABLE}"`),
  instead(
    "functions/shared/neighbours.ts",
    SKEW,
    `  skewMs: (settings) =>
    Math.max(milliseconds(settings, "ALLOWED_SKEW_SECONDS"), milliseconds(settings, "${VARIABLE}")),
`,
  ),
];
const onAws = after(
  "infra/environment.ts",
  "    ALLOWED_SKEW_SECONDS: String(settings.allowedSkewSeconds),\n",
  `    ${VARIABLE}: String(settings.${NAME}),\n`,
);
const here = after(
  "local/deploy-data.ts",
  "    ALLOWED_SKEW_SECONDS: String(settings.allowedSkewSeconds),\n",
  `    ${VARIABLE}: "1",\n`,
);

/** A setting of a deployment that reaches the steps as a variable. */
export const setting: Checklist = {
  title: "A setting",
  places: [
    { at: "infra/settings.ts", test: SETTINGS_TEST, names: `keyturn.${NAME} is no setting`, edits: [allowed] },
    { at: "cdk.json", test: SETTINGS_TEST, names: `keyturn.${NAME} is missing`, edits: [shipped] },
    { at: "docs/deploying.md", test: SETTINGS_TEST, names: NAME, edits: [described] },
    { at: "test/infra/template.test.ts", test: "test/infra/template.test.ts", names: NAME, edits: [otherwise] },
    { at: "functions/shared/settings.ts", test: "types", names: VARIABLE, edits: [variable] },
    {
      at: "functions/shared/neighbours.ts",
      test: "test/functions/lambdas.test.ts",
      names: VARIABLE,
      edits: read,
    },
    { at: "infra/environment.ts", test: "types", names: "infra/environment.ts", edits: [onAws] },
    { at: "local/deploy-data.ts", test: "types", names: "local/deploy-data.ts", edits: [here] },
  ],
};
