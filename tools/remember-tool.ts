import { z } from 'zod';
import { LESSON_KINDS, homeOf, writerOf } from '../contracts/memory-policy.ts';
import { memoryScopes, scopesOf } from '../contracts/memory.ts';
import type { MemoryKind, MemoryScope, MemoryWrite, ScopeRef, TaskScopes, Writer } from '../contracts/memory.ts';
import type { Tool } from './define-tool.ts';
import { defineTool } from './define-tool.ts';
import type { MemoryToolDependencies } from './memory-tools.ts';
import { refuse } from './refusal.ts';
import { taskScopesOf } from './task-scopes.ts';

/** Keeps what the model says, where it says, within what the agent was granted. */
export function rememberTool(dependencies: MemoryToolDependencies): Tool {
  return defineTool({
    name: 'remember',
    description: 'Keep something for later turns and later tasks.',
    input: z.object({
      text: z.string().min(1).max(4_000).describe('One sentence, with names and dates'),
      kind: z.enum(KEPT_BY_MODEL).default('fact'),
      scope: z
        .enum(memoryScopes)
        .optional()
        .describe('user: about the subject, for all tasks; task: this one; team: it and its sub-agents; agent: yours'),
      private: z.boolean().default(false).describe('Only you recall it, not other agents'),
      about: z.string().max(100).optional().describe('Its topic, e.g. "plan choice"; a newer one replaces it'),
    }),
    effect: 'idempotent',
    from: 'memory',
    execute: async ({ text, kind, scope, private: own, about }, context) => {
      const { memories, policyOf } = dependencies;
      const { task, agent, turn, subject, idempotencyKey } = context;
      const owner = taskScopesOf(context);
      const writer = writerOf(policyOf(agent), owner);
      const home = homeNamed(kind, { scope, owner, writer });
      const memory = {
        id: idempotencyKey,
        scope: home,
        kind,
        text,
        trust: 'model' as const,
        provenance: { taskId: task.taskId, turn, tool: 'remember' },
        ...(own ? { owner: agent, visibility: 'private' as const } : {}),
        ...(subject === undefined ? {} : { subject }),
        ...(about === undefined ? {} : { slot: about }),
      };
      const [write] = await memories.remember(task.tenant, [memory], { kind: 'agent', id: task.taskId }, { writer });
      return told(write, { home, asked: scope });
    },
  });
}

const KEPT_BY_MODEL = ['fact', 'preference', 'constraint', 'procedure', 'decision', 'disagreement'] as const;

/** Where the model said, or where such a memory belongs. A lesson is the task's own until that has succeeded. */
function homeNamed(
  kind: MemoryKind,
  { scope, owner, writer }: { scope: MemoryScope | undefined; owner: TaskScopes; writer: Writer },
): ScopeRef {
  const lesson = LESSON_KINDS.some((own) => own === kind);
  const wanted = lesson && scope !== 'team' ? 'task' : scope;
  if (wanted === undefined) return homeOf(kind, owner, writer);
  const named = scopesOf(owner).find((one) => one.scope === wanted);
  return named ?? refuse(`Not remembered: this task has no subject, so there is no scope "${wanted}".`);
}

function told(
  write: MemoryWrite | undefined,
  { home, asked }: { home: ScopeRef; asked: MemoryScope | undefined },
): string {
  const { change = 'added', reason = '' } = write ?? {};
  if (change === 'refused') refuse(`Not remembered: ${reason}.`);
  if (change === 'dropped') return `Not kept: ${reason}.`;
  const later =
    asked !== undefined && asked !== home.scope ? ' It is kept beyond this task once the task succeeds.' : '';
  return `Remembered in scope ${home.scope} (${change}).${later}`;
}
