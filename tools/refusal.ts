/**
 * Thrown by a tool that will not do what was asked (a domain rule, a missing thing, a wrong state). The model reads the
 * message and goes on; nothing is retried.
 */
export class ToolRefusal extends Error {
  override readonly name = 'ToolRefusal';
}

/** Ends a tool call as refused. `message` is for the model: what is not possible, and what would be. */
export function refuse(message: string): never {
  throw new ToolRefusal(message);
}
