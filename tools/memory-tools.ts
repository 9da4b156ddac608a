import { z } from 'zod';
import { scopesOf, subjectScope } from '../contracts/memory.ts';
import type { MemoryStore } from '../contracts/memory.ts';
import type { Tool } from './define-tool.ts';
import { defineTool } from './define-tool.ts';
import type { ArtifactReading } from './read-artifact.ts';
import { readArtifactTool } from './read-artifact.ts';

/** What the memory tools work on. */
export interface MemoryToolDependencies extends ArtifactReading {
  readonly memories: MemoryStore;
}

/** `remember`, `recall` and `read_artifact`: offered to every agent, and run as ordinary stages. */
export function createMemoryTools(dependencies: MemoryToolDependencies): readonly Tool[] {
  return [rememberTool(dependencies), recallTool(dependencies), readArtifactTool(dependencies)];
}

function rememberTool({ memories }: MemoryToolDependencies): Tool {
  return defineTool({
    name: 'remember',
    description:
      'Keep a fact, preference, constraint or decision for later turns and later tasks about the same subject.',
    input: z.object({
      text: z.string().min(1).max(4_000).describe('One self-contained sentence, with names and dates'),
      kind: z.enum(['fact', 'preference', 'constraint', 'procedure', 'decision']).default('fact'),
      about: z.string().max(100).optional().describe('What it is about, e.g. "plan choice"; a newer one replaces it'),
    }),
    effect: 'idempotent',
    from: 'memory',
    execute: async ({ text, kind, about }, { task, turn, subject, idempotencyKey }) => {
      const scope = subjectScope(subject === undefined ? task : { ...task, subject });
      const memory = {
        id: idempotencyKey,
        scope,
        kind,
        text,
        trust: 'model' as const,
        provenance: { taskId: task.taskId, turn, tool: 'remember' },
        ...(subject === undefined ? {} : { subject }),
        ...(about === undefined ? {} : { slot: about }),
      };
      const [write] = await memories.remember(task.tenant, [memory], { kind: 'agent', id: task.taskId });
      return `Remembered (${write?.change ?? 'added'}).`;
    },
  });
}

function recallTool({ memories }: MemoryToolDependencies): Tool {
  return defineTool({
    name: 'recall',
    description: 'Search what is remembered about this subject and task, in your own words.',
    input: z.object({ query: z.string().min(1).max(1_000), limit: z.int().min(1).max(20).default(8) }),
    effect: 'read',
    from: 'memory',
    execute: async ({ query, limit }, { task, agent, subject }) => {
      const scopes = scopesOf({ taskId: task.taskId, agent, ...(subject === undefined ? {} : { subject }) });
      const found = await memories.recall(task.tenant, { text: query, scopes, limit });
      if (found.length === 0) return 'Nothing is remembered about that.';
      return found
        .map(({ memory }) => `- [${memory.kind}, ${memory.validFrom.slice(0, 10)}] ${memory.text}`)
        .join('\n');
    },
  });
}
