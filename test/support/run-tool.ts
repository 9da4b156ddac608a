import assert from 'node:assert/strict';
import type { Tool, ToolContext } from '../../tools/define-tool.ts';
import { noMemory } from './no-memory.ts';

const WITHIN_MS = 20_000;

/** What a tool is given in a test. */
export function contextForTool(overrides: Partial<ToolContext> = {}): ToolContext {
  return {
    task: { tenant: 'default', taskId: 'test:1' },
    agent: 'test',
    turn: 1,
    callId: 't1c1',
    attempt: 1,
    idempotencyKey: 'test:1:t1c1',
    signal: AbortSignal.timeout(WITHIN_MS),
    progress: () => undefined,
    memory: noMemory(),
    ...overrides,
  };
}

/** Calls a tool as a stage does, with arguments that fit, and gives what it returned. */
export async function runTool(tool: Tool, args: object, overrides: Partial<ToolContext> = {}): Promise<unknown> {
  const bound = tool.bind(JSON.stringify(args));
  assert.ok(bound.ok, bound.ok ? '' : bound.problem);
  return bound.run(contextForTool(overrides));
}

/** The same, where the result is an object. */
export async function runForObject(
  tool: Tool,
  args: object,
  overrides: Partial<ToolContext> = {},
): Promise<Record<string, unknown>> {
  return Object(await runTool(tool, args, overrides));
}
