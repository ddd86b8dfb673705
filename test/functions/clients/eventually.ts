/** How long `eventually` asks again, in milliseconds; less where the answer is known to stay away. */
export const patience = { ms: 10_000 };

/**
 * Asks again until `holds` accepts the answer, for what AWS shows with delay.
 *
 * @returns the accepted answer, or when patience has run out the last one, for the test to complain of
 */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  holds: (answer: Answer) => boolean,
): Promise<Answer> {
  const start = Date.now();
  for (;;) {
    const answer = await ask();
    if (holds(answer) || Date.now() - start > patience.ms) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
