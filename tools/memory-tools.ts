import { z } from 'zod';
import type { ArtifactStore } from '../contracts/projection.ts';
import { scopesOf, subjectScope } from '../contracts/memory.ts';
import type { MemoryStore } from '../contracts/memory.ts';
import type { Tool } from './define-tool.ts';
import { defineTool } from './define-tool.ts';
import { refuse } from './refusal.ts';

/** What the memory tools work on. */
export interface MemoryToolDependencies {
  readonly memories: MemoryStore;
  readonly artifacts: ArtifactStore;
}

const LONGEST_PIECE = 4_000;
const KEPT_HITS = 20;

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

function readArtifactTool({ artifacts }: MemoryToolDependencies): Tool {
  return defineTool({
    name: 'read_artifact',
    description: 'Read a piece of a large result: a range of characters, or the lines that contain a text.',
    input: z.object({
      id: z.string().min(1).max(100),
      from: z.int().min(0).default(0).describe('First character'),
      length: z.int().min(1).max(LONGEST_PIECE).default(2_000),
      search: z.string().min(1).max(200).optional().describe('Only lines containing this, case-insensitive'),
    }),
    effect: 'read',
    from: 'memory',
    execute: async ({ id, from, length, search }, { task }) => {
      const text = await artifacts.load(task, id);
      if (text === undefined) refuse(`There is no artifact "${id}" any more; run the tool that made it again.`);
      if (search === undefined)
        return `Characters ${from} to ${Math.min(from + length, text.length)} of ${text.length}:\n${text.slice(from, from + length)}`;
      const lines = text.split('\n');
      const hits = lines.flatMap((line, index) =>
        line.toLowerCase().includes(search.toLowerCase()) ? [`${index + 1}: ${line}`] : [],
      );
      const shown = hits.slice(0, KEPT_HITS).join('\n').slice(0, LONGEST_PIECE);
      return `${hits.length} of ${lines.length} lines contain "${search}":\n${shown}`;
    },
  });
}
