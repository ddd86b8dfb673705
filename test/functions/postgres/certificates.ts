import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/*
 * Certificates for a server of the tests, made anew each time, since one that is kept ends some day. Node reads certificates
 * and makes none, so these few lines write them (X.509, RFC 5280) in DER.
 */

const OIDS = {
  ed25519: [0x2b, 0x65, 0x70],
  commonName: [0x55, 0x04, 0x03],
  basicConstraints: [0x55, 0x1d, 0x13],
  subjectAltName: [0x55, 0x1d, 0x11],
};

function tagged(tag: number, ...parts: (Buffer | number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = content;
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]) => tagged(0x30, ...parts);
const oid = (name: keyof typeof OIDS) => tagged(0x06, OIDS[name]);
const ALGORITHM = sequence(oid("ed25519"));
const nameOf = (name: string) =>
  sequence(tagged(0x31, sequence(oid("commonName"), tagged(0x0c, [...Buffer.from(name)]))));

function time(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, "");
  return tagged(0x18, [...Buffer.from(text)]);
}

function extension(name: keyof typeof OIDS, value: Buffer): Buffer {
  return sequence(oid(name), tagged(0x04, value));
}

/** Somebody with a key, and the certificate by which others know him, in PEM. */
export interface Certified {
  name: string;
  key: KeyObject;
  keyPem: string;
  pem: string;
}

/**
 * Makes a certificate.
 *
 * @param name whose it is
 * @param options.by who vouches for him; without one he does himself, and may for others
 * @param options.dnsNames hosts that it names
 * @param options.until in milliseconds since 1970; it is valid for two hours before
 */
export function certify(
  name: string,
  { by, dnsNames = [], until }: { by?: Certified; dnsNames?: string[]; until: number },
): Certified {
  const { privateKey: key, publicKey } = generateKeyPairSync("ed25519");
  const extensions = [
    ...(by === undefined ? [extension("basicConstraints", sequence(tagged(0x01, [0xff])))] : []),
    ...(dnsNames.length === 0
      ? []
      : [extension("subjectAltName", sequence(...dnsNames.map((one) => tagged(0x82, [...Buffer.from(one)]))))]),
  ];
  const body = sequence(
    tagged(0xa0, tagged(0x02, [2])),
    tagged(0x02, [1]),
    ALGORITHM,
    nameOf(by?.name ?? name),
    sequence(time(until - 7_200_000), time(until)),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    ...(extensions.length === 0 ? [] : [tagged(0xa3, sequence(...extensions))]),
  );
  const signature = sign(null, body, by?.key ?? key);
  const der = sequence(body, ALGORITHM, tagged(0x03, [0], signature));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  const pem = `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  return { name, key, keyPem: key.export({ type: "pkcs8", format: "pem" }).toString(), pem };
}
