import type { z } from 'zod';
import type { Json } from '../contracts/json.ts';
import type { StepProgress } from '../contracts/stepped-tool.ts';
import type { Tool, ToolContext, ToolDefinition } from './define-tool.ts';
import { defineTool, parseArguments } from './define-tool.ts';

/** What one step has done. The next begins at `cursor`; after a crash the same step runs again from where it began. */
export interface Step<Cursor> {
  readonly cursor: Cursor;
  readonly done: boolean;
  readonly progress: StepProgress;
}

/** The definition of a tool that works in steps, for as long as it takes. */
export interface SteppedToolDefinition<Schema extends z.ZodType, Cursor extends z.ZodType> extends Omit<
  ToolDefinition<Schema>,
  'effect' | 'execute' | 'probe' | 'compensate'
> {
  /** A step may run twice, so what must not happen twice cannot be done in steps. */
  readonly effect: 'read' | 'idempotent';
  /** How far the work has got: small (at most 8 KB as JSON), and all that a step needs to go on. */
  readonly cursor: Cursor;
  /** Does a part of the work, seconds of it. `cursor` is absent for the first. `timeoutMs` bounds one step. */
  readonly step: (
    input: z.output<Schema>,
    cursor: z.output<Cursor> | undefined,
    context: ToolContext,
  ) => Promise<Step<z.input<Cursor>>>;
  /** Called once, after the last step: what the model is told. */
  readonly execute: (input: z.output<Schema>, cursor: z.output<Cursor>, context: ToolContext) => Promise<unknown>;
}

/**
 * Makes a tool whose work is long: in a task it runs as a child workflow, a step an activity, with its progress in the
 * Temporal UI. A worker that dies costs one step. Held while the task is paused, cancelled with it.
 * @throws TypeError as `defineTool` does
 */
export function defineSteppedTool<Schema extends z.ZodType, Cursor extends z.ZodType>(
  definition: SteppedToolDefinition<Schema, Cursor>,
): Tool {
  const { input: schema, cursor: cursorSchema, step, execute, ...rest } = definition;
  const plain = defineTool({ ...rest, input: schema, execute: async () => undefined });
  return {
    ...plain,
    description: { ...plain.description, stepped: true },
    bind: (rawArguments) => {
      const parsed = parseArguments(schema, rawArguments, rest.name);
      if (!parsed.ok) return parsed;
      const read = (cursor: Json | undefined) => (cursor === undefined ? undefined : cursorSchema.parse(cursor));
      const stepFrom = async (context: ToolContext, cursor?: Json): Promise<Step<Json>> => {
        const { cursor: next, done, progress } = await step(parsed.value, read(cursor), context);
        return { cursor: toJson(next), done, progress };
      };
      const toTheEnd = async (context: ToolContext): Promise<Json> => {
        let moved = await stepFrom(context);
        while (!moved.done) moved = await stepFrom(context, moved.cursor);
        return moved.cursor;
      };
      return {
        ok: true,
        arguments: parsed.text,
        step: stepFrom,
        run: async (context, cursor) =>
          execute(parsed.value, cursorSchema.parse(cursor ?? (await toTheEnd(context))), context),
      };
    },
  };
}

function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
