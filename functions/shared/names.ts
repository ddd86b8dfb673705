// Names under which things are deployed, as far as people are told to type them: the commands in mails have them from here,
// and so has infra/wiring.ts, which names all the rest.

export const TYPED_NAMES = {
  instanceTable: "keyturn-instances",
  findingTable: "keyturn-findings",
  schedule: "keyturn-schedule",
  installDocument: "Keyturn-Install",
  registrationLog: "/aws/vendedlogs/states/keyturn-registration",
  keyMaterialKey: "alias/keyturn-key-material",
} as const;

/** The alias that everything starts a flow by, so that it can be pointed back at an earlier version. */
export const LIVE = "live";

/** The name of a flow's state machine in AWS, e.g. `keyturn-rotation`. */
export function machineNameOf(flow: string): string {
  return `keyturn-${flow}`;
}
