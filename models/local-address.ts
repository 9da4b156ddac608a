/** Loopback, the private ranges, and names that only a local network knows. */
const LOCAL =
  /^(?:localhost|.*\.local|.*\.localhost|.*\.internal|127\..*|10\..*|192\.168\..*|172\.(?:1[6-9]|2\d|3[01])\..*|\[::1?\]|\[f[cd].*\]|0\.0\.0\.0|[^.:[\]]+)$/i;

/** Is a server at this address on people's own machines? */
export function isLocalAddress(address: string): boolean {
  return URL.canParse(address) && LOCAL.test(new URL(address).hostname);
}
