import { z } from 'zod';
import { otherTasksReaderOf, readerOf } from '../contracts/memory-policy.ts';
import { memoryKinds, memoryScopes } from '../contracts/memory.ts';
import type { Tool } from './define-tool.ts';
import { defineTool } from './define-tool.ts';
import type { MemoryToolDependencies } from './memory-tools.ts';
import { refuse } from './refusal.ts';
import { taskScopesOf } from './task-scopes.ts';

/** Searches what the agent was granted; the answer is fenced, so that it never comes back as something new. */
export function recallTool(dependencies: MemoryToolDependencies): Tool {
  return defineTool({
    name: 'recall',
    description:
      'Search what is remembered; otherTasks: what other tasks about this subject tried, and where they stand.',
    input: z.object({
      query: z.string().min(1).max(1_000),
      kinds: z.array(z.enum(memoryKinds)).min(1).optional(),
      scope: z.enum(memoryScopes).optional().describe('Only this scope'),
      otherTasks: z.boolean().default(false),
      limit: z.int().min(1).max(20).default(8),
    }),
    effect: 'read',
    from: 'memory',
    execute: async ({ query: text, kinds, scope, otherTasks, limit }, context) => {
      const { memories, policyOf, fence } = dependencies;
      const { task, agent } = context;
      const owner = taskScopesOf(context);
      const policy = policyOf(agent);
      const reader = otherTasks ? otherTasksReaderOf(policy, owner) : readerOf(policy, owner);
      if (reader === undefined)
        refuse('Other tasks are not read here: this task has no subject, or it is not granted.');
      const scopes = reader.scopes ?? [];
      const asked = scope === undefined || otherTasks ? scopes : scopes.filter((one) => one.scope === scope);
      if (asked.length === 0)
        refuse(`Nothing is read from scope "${scope ?? ''}": there is none, or it is not granted.`);
      // Tasks that stand at the same point say so in nearly the same words, and each of them is an answer.
      const alike = otherTasks ? { policy: { diversity: 0 } } : {};
      const query = {
        text,
        scopes: asked,
        reader,
        limit,
        includeClosed: otherTasks,
        ...(kinds ? { kinds } : {}),
        ...alike,
      };
      const found = await memories.recall(task.tenant, query);
      return found.length === 0 ? 'Nothing is remembered about that.' : fence(found, { ownTask: task.taskId });
    },
  });
}
