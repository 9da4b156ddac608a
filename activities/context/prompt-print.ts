import { createHash } from 'node:crypto';
import type { TaskRef } from '../../contracts/ids.ts';
import type { AssembledContext, PromptPrint, SectionName } from '../../contracts/projection.ts';
import type { StageDependencies } from '../dependencies.ts';
import { afterwards } from '../transcript/project-entry.ts';

/**
 * The section at which a prompt departs from the one that the task's model was sent before: what a provider's cache
 * keeps ends there. Absent for the first prompt, for one that only goes on where the last ended, and without Redis.
 */
export async function departureOf(
  { contexts }: Pick<StageDependencies, 'contexts'>,
  task: TaskRef,
  context: AssembledContext,
): Promise<SectionName | undefined> {
  const print = printOf(context);
  const before: PromptPrint[] = [];
  await afterwards(`the print of ${context.contextId} of ${task.taskId}`, async () => {
    const last = await contexts.exchangePrint(task, print);
    if (last !== undefined) before.push(last);
  });
  return before[0] && departure(before[0], print);
}

/** What a provider's cache goes by: the tools, which stand before everything, and message after message. */
export function printOf({ messages, tools, sections }: Pick<AssembledContext, 'messages' | 'tools' | 'sections'>) {
  return {
    tools: digest(tools),
    messages: messages.map(digest),
    sections: sections.map(({ name, messages: { from, to } }) => ({ name, from, to })),
  };
}

/** The section of the earlier prompt that no longer stands where it stood. */
export function departure(before: PromptPrint, now: PromptPrint): SectionName | undefined {
  if (before.tools !== now.tools) return 'tools';
  const at = before.messages.findIndex((message, place) => message !== now.messages[place]);
  return at === -1 ? undefined : before.sections.find(({ from, to }) => from <= at && at < to)?.name;
}

const DIGEST_CHARACTERS = 10;

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, DIGEST_CHARACTERS);
}
