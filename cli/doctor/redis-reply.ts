/** A flat list of names and values, as RESP2 sends maps. */
export function replyMap(reply: unknown): Map<unknown, unknown> {
  const flat: unknown[] = Array.isArray(reply) ? reply : [];
  return new Map(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]] as const] : [])));
}
