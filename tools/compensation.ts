import type { z } from 'zod';
import type { ToolContext } from './define-tool.ts';

/** A completed call, as what undoes it is told of it. */
export interface DoneCall {
  /** What the call answered, as the task's history keeps it: JSON is parsed; secrets are masked, a large text is cut. */
  readonly result: unknown;
  /** The key that the call was made with. */
  readonly idempotencyKey: string;
}

/** How a completed call is undone: an effect of its own, with a claim of its own. */
export interface Compensation<Schema extends z.ZodType> {
  /** As a tool's: `idempotent` may be tried again under the same key, `once` may not. */
  readonly effect: 'idempotent' | 'once';
  /** Whether undoing a call needs a person's yes beside the asking. Default `never`. */
  readonly approval?: 'always' | 'never';
  /** Undoes it. What it returns is told to people. `refuse(…)` says that it cannot be undone, and why. */
  readonly execute: (input: z.output<Schema>, done: DoneCall, context: ToolContext) => Promise<unknown>;
}
