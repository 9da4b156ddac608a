import type { Command } from 'commander';
import type { ScopeRef } from '../../contracts/memory.ts';
import { UsageError } from '../command-error.ts';
import { readTaskId } from '../input/task-id.ts';

/** Whose memories are meant. */
export interface ScopeFlags {
  readonly subject?: string;
  readonly task?: string;
  readonly agent?: string;
  readonly team?: string;
  readonly global?: boolean;
}

/** The scopes that were named, and the tenant that a task's id tells. */
export interface NamedScopes {
  readonly scopes: readonly ScopeRef[];
  readonly tenant: string | undefined;
}

const FLAGS = '--subject, --task, --agent, --team or --global';

/** Adds the flags that name a scope; `verb` completes their descriptions, e.g. `what is known about`. */
export function addScopeFlags(command: Command): Command {
  return command
    .option('--subject <id>', 'what is known about this subject')
    .option('--task <task>', 'what this task keeps for itself, such as progress markers')
    .option('--agent <name>', 'what this agent has learned')
    .option('--team <id>', 'what a task and its sub-agents share')
    .option('--global', 'what is common to all');
}

/** Reads the flags that name scopes. @throws UsageError where the task's id is none */
export function namedScopes(flags: ScopeFlags, tenant: string | undefined): NamedScopes {
  const { subject, agent, team, global } = flags;
  const task = flags.task === undefined ? undefined : readTaskId(flags.task, tenant);
  const scopes: ScopeRef[] = [];
  if (subject !== undefined) scopes.push({ scope: 'user', id: subject });
  if (task !== undefined) scopes.push({ scope: 'task', id: task.taskId });
  if (agent !== undefined) scopes.push({ scope: 'agent', id: agent });
  if (team !== undefined) scopes.push({ scope: 'team', id: team });
  if (global) scopes.push({ scope: 'global', id: 'all' });
  return { scopes, tenant: task?.tenant ?? tenant };
}

/** The one scope that was named. @throws UsageError where none was, or more than one */
export function onlyScope({ scopes }: NamedScopes, what: string): ScopeRef {
  const [scope, ...others] = scopes;
  if (scope === undefined) throw new UsageError(`Say ${what} with ${FLAGS}.`);
  if (others.length > 0) throw new UsageError(`Name one of ${FLAGS}, not ${scopes.length}.`);
  return scope;
}
