import { z } from 'zod';
import type { ScopeRef } from '../../contracts/memory.ts';
import type { Tool, ToolContext } from '../../tools/define-tool.ts';
import { defineTool } from '../../tools/define-tool.ts';
import { refuse } from '../../tools/refusal.ts';
import { citationSchema, problemsWith } from './citations.ts';

/** Makes the tool that keeps what was found out for later tasks, with its evidence. */
export function createKeepFinding({
  scopeOf,
}: {
  readonly scopeOf: (context: Pick<ToolContext, 'agent'>) => ScopeRef;
}): Tool {
  return defineTool({
    name: 'keep_finding',
    description:
      'Keeps a finding for later tasks: one self-contained sentence, with the citations that prove it. A finding about ' +
      'the same thing replaces the earlier one.',
    input: z.object({
      text: z.string().min(10).max(2_000),
      about: z.string().min(1).max(100).describe('What it is about, in a few words'),
      citations: z.array(citationSchema).min(1).max(10),
    }),
    effect: 'idempotent',
    execute: async ({ text, about, citations }, context) => {
      const problems = await problemsWith(citations, context.memory);
      if (problems.length > 0) refuse(`Not kept: ${problems.join(' ')}`);
      const { task, turn, idempotencyKey } = context;
      const finding = {
        id: idempotencyKey,
        scope: scopeOf(context),
        kind: 'fact' as const,
        text,
        slot: `finding:${about}`,
        trust: 'model' as const,
        importance: 0.7,
        provenance: { taskId: task.taskId, turn, tool: 'keep_finding' },
        data: { sources: citations.map((citation) => ({ ...citation })) },
      };
      const [write] = await context.memory.remember([finding]);
      if (write?.change === 'refused') refuse(`Not kept: ${write.reason}.`);
      return `Kept (${write?.change ?? 'added'}).`;
    },
  });
}
