/**
 * Asks again until `holds` accepts the answer, for what AWS shows with delay.
 *
 * @returns the accepted answer, or after `patienceMs` milliseconds the last one, for the test to complain of
 */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  holds: (answer: Answer) => boolean,
  patienceMs = 10_000,
): Promise<Answer> {
  const start = Date.now();
  for (;;) {
    const answer = await ask();
    if (holds(answer) || Date.now() - start > patienceMs) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
