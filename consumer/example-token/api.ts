import { Failure, wordsOf } from "../failure.ts";

const ANSWER_MS = 5_000;

/**
 * Asks a resource by GET, with a token. No redirect is followed: the token is for this address alone.
 *
 * @throws Failure where there is no answer
 */
export async function askApi(url: URL, accessToken: string): Promise<{ status: number }> {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${accessToken}` },
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    // Read to its end, so that the connection serves the next request.
    await response.arrayBuffer();
    return { status: response.status };
  } catch (error) {
    // What fetch throws says nothing; its cause does.
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new Failure(`${url.origin} gave no answer: ${wordsOf(cause)}`);
  }
}
