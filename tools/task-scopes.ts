import type { TaskScopes } from '../contracts/memory.ts';
import type { ToolContext } from './define-tool.ts';

/** The task of a call, as its memory scopes are told from. */
export function taskScopesOf({ task, agent, subject }: ToolContext): TaskScopes {
  return { taskId: task.taskId, agent, ...(subject === undefined ? {} : { subject }) };
}
