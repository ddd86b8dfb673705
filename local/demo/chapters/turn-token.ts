import { SHOP_SECRET } from "../../shop/shop.ts";
import type { SharedToken } from "../shared-token.ts";
import type { Story } from "../story.ts";

/** A token by which an application calls an API is turned on demand; then somebody revokes one at the issuer. */
export async function turnToken(story: Story, token: SharedToken): Promise<void> {
  story.tell(
    "An application, cart, calls an API by a token, the secret shop/token. Its issuer honours one token a key, and there are two " +
      "keys: the other one's token is fetched, and the former one ends when cart was seen with it. It is turned on demand.",
  );
  await token.saidByCart("ACCEPTED");
  token.visitors.start();
  const before = await token.current();
  const version = await token.rotate();
  const after = await token.after(before);
  story.check("the former token, as soon as there is a new one", "accepted", token.answerTo(before));
  const { status, outcome } = await story.rotations.firstEnded(version);
  story.check("rotation of the token", "SUCCEEDED: ROTATED", `${status}: ${outcome}`);
  story.check("the new token", "accepted", token.answerTo(after));
  story.check("the former token, once cart has moved", "refused", token.answerTo(before));
  story.check("calls of cart that were refused", "0", `${token.visitors.counts.refused}`);

  story.tell("Somebody revokes the token in force at the issuer, behind everybody's back. The watch looks.");
  const revokedAt = Date.now();
  token.revokeBehindOurBack(after);
  await story.rotations.look();
  const mended = await token.after(after);
  story.note(`After ${((Date.now() - revokedAt) / 1000).toFixed(1)} s the token of the other key is in force.`);
  story.check(
    "the token after that",
    "of the other key",
    mended.user === after.user ? mended.user : "of the other key",
  );
  story.check("whether it is accepted", "accepted", token.answerTo(mended));
  await token.saidByCart("ACCEPTED");
  await story.checkMail("mails about a token that is refused", `Keyturn: CredentialMismatch on ${SHOP_SECRET}`);
  token.visitors.stop();
}
