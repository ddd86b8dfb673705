import { Readable } from "node:stream";
import { nameError } from "../../../functions/shared/name-error.ts";

/** How an answer stands on the wire. */
export interface WireAnswer {
  statusCode: number;
  body: string;
  headers?: Record<string, string>;
}

/** An AWS that gives calls these answers in their order, and the last one to all that follow. `asked` gets their bodies. */
export function answering(answers: WireAnswer[], asked: string[] = []) {
  const left = [...answers];
  return {
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
    maxAttempts: 1,
    requestHandler: {
      handle: async ({ body: request }: { body?: string | Uint8Array }) => {
        asked.push(Buffer.from(request ?? "").toString());
        const { statusCode, body, headers = {} } = (left.length > 1 ? left.shift() : left[0]) as WireAnswer;
        return { response: { statusCode, headers, body: Readable.from([body]) } };
      },
    },
  };
}

/** An answer of a service that speaks JSON. */
export function json(body: object): WireAnswer {
  return { statusCode: 200, body: JSON.stringify(body), headers: { "content-type": "application/x-amz-json-1.1" } };
}

/** An error of a service that speaks JSON. */
export function refusal(code: string, statusCode = 400): WireAnswer {
  return { ...json({ __type: code, message: "It says why." }), statusCode };
}

/** The name under which a flow, or Lambda, hears of what is thrown; what is not thrown has no name. */
export async function nameOf(work: Promise<unknown>): Promise<string> {
  const given = await work.catch((error: unknown) => nameError(error));
  return given instanceof Error ? given.name : `not thrown: ${JSON.stringify(given)}`;
}
