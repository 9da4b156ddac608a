/**
 * Does a server say that it is not the one to ask: a replica, cut off from its primary, still loading, a node of a cluster
 * that has the key elsewhere? Whatever it is, this connection is the wrong one.
 */
export function isElsewhere(error: Error): boolean {
  return /^(READONLY|MASTERDOWN|LOADING|MOVED|ASK|UNBLOCKED)\b/.test(error.message);
}
