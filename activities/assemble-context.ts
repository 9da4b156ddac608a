import type { RecalledMemory } from '../contracts/memory.ts';
import { memoryKinds, scopesOf } from '../contracts/memory.ts';
import type { AssembledContext } from '../contracts/projection.ts';
import type { AssembleContextInput, Stages } from '../contracts/stages.ts';
import type { TranscriptEntry } from '../contracts/transcript.ts';
import { controlToolSpecs } from '../tools/control-tools.ts';
import { agentOf, toolsOf } from './agent-of.ts';
import { instructionsSection, memoriesSection, stateSection, summarySection } from './context/prompt-sections.ts';
import type { Section } from './context/prompt-sections.ts';
import { promptWindow } from './context/prompt-window.ts';
import { countTokens } from './context/tokens.ts';
import type { StageDependencies } from './dependencies.ts';
import { loadTranscript } from './load-transcript.ts';
import { now, publish } from './publish.ts';

/** Markers and state of the task itself that every prompt carries. */
const OWN_PROGRESS = 12;
/** What is worth knowing beyond the moment; a task's own progress comes by itself. */
const LASTING_KINDS = memoryKinds.filter((kind) => kind !== 'progress' && kind !== 'state');

/** Builds the prompt of a turn within its budgets and stores it under its context id. */
export function createAssembleContext(dependencies: StageDependencies): Stages['assembleContext'] {
  return async function assembleContext(input) {
    const { task, turn, contextId, record, policy, shrink } = input;
    const agent = agentOf(dependencies, input.agent);
    const [entries, summary] = await Promise.all([
      loadTranscript(dependencies, task, input.window),
      loadSummary(dependencies, input),
    ]);
    const recalled = await recall(dependencies, input, entries);
    const budget = (tokens: number): number => Math.floor(tokens * shrink);
    const memories = memoriesSection(recalled, budget(policy.context.memories));
    const sections: Section[] = [
      instructionsSection(agent.instructions),
      summarySection(summary, budget(policy.context.summary)),
      stateSection(record, now(), budget(policy.context.state)),
      memories,
    ];
    const tools = [...toolsOf(dependencies, agent).map(({ spec }) => spec), ...controlToolSpecs(agent.outputSchema)];
    const window = promptWindow(entries, budget(policy.context.window));
    const system = sections
      .filter(({ text }) => text !== '')
      .map(({ text }) => ({ role: 'system' as const, content: text }));
    const measured = [
      ...sections.map(({ name, tokens, leftOut }) => ({ name, tokens, leftOut })),
      { name: 'tools', tokens: countTokens(JSON.stringify(tools)), leftOut: 0 },
      { name: 'window', tokens: window.tokens, leftOut: window.leftOut },
    ];
    const context: AssembledContext = {
      contextId,
      messages: [...system, ...window.messages],
      tools,
      sections: measured,
    };
    await dependencies.contexts.save(task, context);
    const used = recalled.slice(0, memories.used);
    const tokens = measured.reduce((sum, part) => sum + part.tokens, 0);
    await publish(dependencies, task, {
      type: 'context-assembled',
      at: now(),
      turn,
      tokens,
      sections: measured.map((part) => ({ name: part.name, tokens: part.tokens })),
      recalled: used.map(({ memory, score }) => ({ kind: memory.kind, text: memory.text, score })),
    });
    return {
      contextId,
      tokens,
      sections: measured,
      memories: used.map(({ memory, score }) => ({ id: memory.id, score })),
    };
  };
}

async function loadSummary(
  dependencies: StageDependencies,
  { task, window }: AssembleContextInput,
): Promise<string | undefined> {
  if (window.summarySeq === undefined) return undefined;
  const [entry] = await loadTranscript(dependencies, task, { from: window.summarySeq, to: window.summarySeq });
  return entry?.kind === 'summary' ? entry.text : undefined;
}

/** The task's own progress, then what memory knows that bears on the present moment, each once. */
async function recall(
  { memories }: StageDependencies,
  { task, agent, record, policy }: AssembleContextInput,
  entries: readonly TranscriptEntry[],
): Promise<RecalledMemory[]> {
  const { count: limit, minScore } = policy.recall;
  if (limit === 0) return [];
  const scopes = scopesOf({ ...record, agent });
  const own = {
    text: '',
    scopes: [{ scope: 'task' as const, id: task.taskId }],
    kinds: ['progress', 'state'] as const,
  };
  const text = recallText(record.goal, record, entries);
  const [progress, relevant] = await Promise.all([
    memories.recall(task.tenant, { ...own, limit: OWN_PROGRESS }),
    memories.recall(task.tenant, { text, scopes, kinds: LASTING_KINDS, limit, minScore }),
  ]);
  return [...progress, ...relevant];
}

/** What the present moment is about: the goal, the plan item at hand, and the newest input. */
function recallText(
  goal: string,
  { plan }: AssembleContextInput['record'],
  entries: readonly TranscriptEntry[],
): string {
  const item = plan.find(({ status }) => status === 'active') ?? plan.find(({ status }) => status === 'open');
  const newest = entries.findLast((entry) => entry.kind === 'message' || entry.kind === 'note');
  return [goal, item?.title ?? '', newest && 'text' in newest ? newest.text : ''].join('\n').slice(0, 2_000);
}
