import { freshMs } from "../../live.ts";
import { span } from "../../time.ts";

const LEVELS = [1, 0.5, 0];

/** What the brightness of a tile means. */
export function Legend() {
  return (
    <p class="hearts">
      {LEVELS.map((level) => (
        <span key={level} class="heart" aria-hidden="true">
          <span style={{ "--bright": level }} />
        </span>
      ))}
      <span>
        The bar of a tile is full when the instance has just written a sample, and faded when it has written none for{" "}
        {span(freshMs.value)}: then it is found STALE. MATCH: its samples prove that it holds the key that its record
        says.
      </span>
    </p>
  );
}
