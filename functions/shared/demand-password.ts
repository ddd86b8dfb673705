/** @throws TypeError for a password of which no verifier is made; it does not repeat it */
export function demandPassword(password: string): void {
  if (!/^[\x20-\x7e]+$/.test(password)) throw new TypeError("password must be printable ASCII, at least one character");
}
