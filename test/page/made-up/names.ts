import { machineNameOf } from "../../../functions/shared/names.ts";
import { arnAt } from "../../../protocol/index.ts";

const WHERE = { partition: "aws", region: "eu-central-1", account: "123456789012" };

/** The ARN of an execution of the made-up deployment. */
export function arnOf(flow: string, name: string): string {
  return arnAt(WHERE, "states", `execution:${machineNameOf(flow, "keyturn")}:${name}`);
}

/** The ID of the made-up instance of a number, and its host's. */
export function idOf(number: number): string {
  return (((number + 1) * 0x9e3779b1) >>> 8).toString(16).padStart(6, "0").slice(-6);
}

export function hostOf(number: number): string {
  return `i-${(0x1000_0000_0000 + number * 7_919).toString(16).padStart(17, "0")}`;
}

/** 64 hexadecimal characters that are nothing's digest. */
export function digestOf(number: number): string {
  return idOf(number).repeat(11).slice(0, 64);
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Who is what in the made-up deployment, by numbers of instances. */
export const TAMPERED = idOf(0);
export const STALE = [1, 2, 3, 4, 5, 6].map(idOf);
export const SOUND = idOf(9);
export const DATABASE = "prod/orders-db";
export const TOKEN = "prod/billing-api";
/** The rotation that found that a key was tampered with, and one that went well. */
export const FOUND = arnOf("rotation", `${TAMPERED}-due-1795831200-7f3a`);
export const TURNED = arnOf("rotation", `${SOUND}-due-1795831200-01c2`);
