import * as z from "zod/mini";
import { FORMS } from "../protocol/index.ts";

// The fields that events and steps share, each with its form.

/** A text of a form; the problem is the same whether it is malformed, missing or no text at all. */
function text(form: RegExp, problem: string) {
  return z.string(problem).check(z.regex(form, problem));
}

/** 6 lower-case hexadecimal characters. */
export const instanceId = text(FORMS.instanceId, "must be 6 lower-case hexadecimal characters");

/** EC2's own name of the instance. */
export const ec2InstanceId = text(FORMS.ec2InstanceId, "must be an EC2 instance ID (i-…)");

/** Which of an instance's keys, counted from 1. */
export const generation = z.int("must be a whole number").check(z.minimum(1, "must be 1 or more"));

/** 64 lower-case hexadecimal characters: nonces, hashes, proofs, public keys. */
export const hex64 = text(FORMS.hex64, "must be 64 lower-case hexadecimal characters");

/** A nonce; empty in the compatibility mode without one. */
export const nonce = text(FORMS.nonce, "must be empty or 64 hexadecimal characters");

/** The version of an agent. */
export const agentVersion = text(FORMS.version, "must be a version such as 0.2.0");

/** A moment as events bear it, e.g. `2026-11-20T03:00:00Z`. */
export const isoTime = z.iso.datetime("must be a moment like 2026-11-20T03:00:00Z");

/** A moment, in milliseconds since 1970. */
export const timeMs = z.int("must be a whole number").check(z.minimum(0, "must be milliseconds since 1970"));

/** The name of a secret in Secrets Manager. */
export const secretName = text(FORMS.secretName, "must be the name of a secret");

/** The ID of an access key (`AKIA…`; of a session, `ASIA…`), which is no secret. It has 20 characters today; IAM takes 16 to 128. */
export const KEY_FORM = /^A[A-Z]IA[A-Z0-9]{12,124}$/;
export const accessKeyId = text(KEY_FORM, "must be an access key ID (AKIA…)");

/** The ID of a secret's version. */
export const secretVersion = text(FORMS.secretVersion, "must be the ID of a secret's version, of 32 to 64 characters");
