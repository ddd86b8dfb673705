/** Names and addresses of this machine, as settings and URLs have them. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/** Whether what is said to a host does not leave this machine, so that it may be said in the clear. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
