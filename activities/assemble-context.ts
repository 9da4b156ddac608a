import type { RecalledMemory } from '../contracts/memory-query.ts';
import type { AssembledContext } from '../contracts/projection.ts';
import type { AssembleContextInput, ContextSummary, Stages } from '../contracts/stages.ts';
import type { TranscriptEntry } from '../contracts/transcript.ts';
import { agentOf, constantSpecsOf, ownSpecsOf } from './agent/agent-of.ts';
import type { AssembledPrompt, PromptLimits, PromptParts } from './context/assemble-prompt.ts';
import { assemblePrompt } from './context/assemble-prompt.ts';
import { instructionsSection } from './context/instructions.ts';
import { memoryNews } from './context/changes-meanwhile.ts';
import { changesSince } from './context/changes.ts';
import { rankTools } from './context/rank-tools.ts';
import type { Tokenizer } from './context/tokenizer.ts';
import { calibratedTokenizer, openTokenizer } from './context/tokenizer.ts';
import { allToolsFit, toolsBudget } from './context/tools.ts';
import type { Moment } from './context/useful-tools.ts';
import { showsCutText, usefulTools, withReadingOn } from './context/useful-tools.ts';
import type { StageDependencies } from './dependencies.ts';
import { loadTranscript } from './transcript/load-transcript.ts';
import { outdatedMemories } from './context/outdated-memories.ts';
import { now, publish } from './transcript/publish.ts';
import { anglesOf, recallForTurn } from './context/recall-for-turn.ts';
import { modelIdOf } from './model/route-model.ts';

/** Builds the prompt of a turn within its budgets and stores it under its context id. */
export function createAssembleContext(dependencies: StageDependencies): Stages['assembleContext'] {
  return async function assembleContext(input) {
    const { context, summary } = await assemble(dependencies, input);
    await dependencies.contexts.save(input.task, context);
    return summary;
  };
}

/** A prompt, and what the history keeps of it. */
export interface Assembled {
  readonly context: AssembledContext;
  readonly summary: ContextSummary;
}

/** Builds the prompt of a turn within its budgets, and tells watchers of it. */
export async function assemble(dependencies: StageDependencies, input: AssembleContextInput): Promise<Assembled> {
  const { task, turn, policy, shrink, tokenFactor } = input;
  const [all, summary, known] = await Promise.all([
    loadTranscript(dependencies, task, input.window),
    loadSummary(dependencies, input),
    openTokenizer(modelIdOf(dependencies, input.route)),
  ]);
  const tokenizer = calibratedTokenizer(known, tokenFactor);
  const entries = all.filter(({ seq }) => input.leftOut?.includes(seq) !== true);
  const recalled = await recallForTurn(dependencies, input, entries);
  const at = now();
  const { instructions, tools } = await agentParts(dependencies, input, { entries, tokenizer });
  const { absence, record } = input;
  const [outdated, memories] = await Promise.all([
    outdatedMemories(dependencies, task, { at, entries }),
    absence && memoryNews(dependencies, { task, record, absence }),
  ]);
  const meanwhile = absence && memories && { absence, memories };
  const moment = { at, taskId: task.taskId, entries, recalled, outdated };
  const changes = changesSince(meanwhile ? { ...moment, meanwhile } : moment);
  const state = { record, at, questions: input.questions, changes };
  const prompt = assembleWhole(
    {
      instructions,
      plainAnswer: policy.plainAnswer,
      tools,
      state,
      recalled,
      entries,
      ...(summary === undefined ? {} : { summary }),
    },
    { tokenizer, budget: policy.context, window: policy.window, shrink },
  );
  const context = contextOf(input, prompt, { at, tokenizer, model: modelIdOf(dependencies, input.route) });
  await publish(dependencies, task, { type: 'context-assembled', at, turn, ...told(context) });
  return { context, summary: { ...summaryOf(context, prompt), ...offeredBy(prompt, input) } };
}

/** Instructions and tools; where there are more tools than fit, with how useful each is now. */
async function agentParts(
  dependencies: StageDependencies,
  { agent: name, record, policy, offered }: AssembleContextInput,
  { entries, tokenizer }: { readonly entries: readonly TranscriptEntry[]; readonly tokenizer: Tokenizer },
): Promise<Pick<PromptParts, 'instructions' | 'tools'>> {
  const agent = agentOf(dependencies, name);
  const { instructions } = agent;
  const constant = constantSpecsOf(dependencies, agent, policy.ownTools);
  const own = await ownSpecsOf(dependencies, agent);
  const angles = anglesOf(record, entries).map(({ text }) => text);
  const before = new Set(offered);
  const { always, later } =
    policy.ownTools === 'useful'
      ? usefulTools(constant, momentOf([instructions, ...angles], entries, before))
      : { always: constant, later: [] };
  const taken = instructionsSection(instructions, tokenizer, policy.plainAnswer).tokens;
  const usefulness = allToolsFit({ always, own }, tokenizer, toolsBudget(policy.context, taken))
    ? new Map<string, number>()
    : await rankTools(dependencies.embedder, own, { moment: angles.join('\n'), instructions, entries });
  return { instructions, tools: { always, later, own, usefulness, offered: before } };
}

function momentOf(about: readonly string[], entries: readonly TranscriptEntry[], offered: ReadonlySet<string>): Moment {
  const answers = entries.filter((entry) => entry.kind === 'assistant');
  const called = new Set(answers.flatMap(({ calls }) => calls.map(({ name }) => name)));
  return { texts: [...about, answers.at(-1)?.text ?? ''], called, offered };
}

/** A prompt that shows a text in part offers the tool that reads the rest. */
function assembleWhole(parts: PromptParts, limits: PromptLimits): AssembledPrompt {
  const prompt = assemblePrompt(parts, limits);
  const { later = [] } = parts.tools;
  if (later.length === 0 || !showsCutText(prompt.messages.map(({ content }) => content))) return prompt;
  return assemblePrompt({ ...parts, tools: withReadingOn(parts.tools) }, limits);
}

/** Which tools were chosen, where not all are there and others were before: these stay for the run. */
function offeredBy(
  { tools, sections }: AssembledPrompt,
  { policy, offered: before = [] }: AssembleContextInput,
): { offered?: readonly string[] } {
  const told = sections.find(({ name }) => name === 'tools')?.messages;
  const showsAll = told === undefined || told.from === told.to;
  // Where rare tools come when they are of use, a prompt that shows all of them is one that shows more than the last.
  if (showsAll && policy.ownTools !== 'useful') return {};
  const names = tools.map(({ name }) => name);
  return names.join() === before.join() ? {} : { offered: names };
}

function contextOf(
  input: AssembleContextInput,
  { messages, tools, tokens, sections, shown }: AssembledPrompt,
  made: { readonly at: string; readonly tokenizer: Tokenizer; readonly model: string },
): AssembledContext {
  const { contextId, turn, shrink, route, account } = input;
  const { at, tokenizer, model } = made;
  const memories = shown.map(({ section, recalled: { memory, score, parts } }) => {
    const { id, kind, text } = memory;
    return { section, id, kind, text, score: rounded(score), parts: roundedParts(parts) };
  });
  const factor = input.tokenFactor === undefined ? {} : { factor: input.tokenFactor };
  const counted = { name: tokenizer.name, exact: tokenizer.exact, model, ...factor };
  return {
    contextId,
    turn,
    at,
    messages,
    tools,
    tokens,
    sections,
    memories,
    tokenizer: counted,
    route,
    account,
    shrink,
  };
}

/** Recency moves by the millisecond; the same prompt assembled twice is the same. */
function rounded(score: number): number {
  return Math.round(score * 10_000) / 10_000;
}

function roundedParts({
  vector,
  text,
  recency,
  importance,
  factor,
  rerank,
}: RecalledMemory['parts']): RecalledMemory['parts'] {
  return {
    vector: rounded(vector),
    text: rounded(text),
    recency: rounded(recency),
    importance: rounded(importance),
    ...(factor === undefined ? {} : { factor: rounded(factor) }),
    ...(rerank === undefined ? {} : { rerank: rounded(rerank) }),
  };
}

/** What watchers are told of a context. */
function told({ tokens, sections, memories }: AssembledContext) {
  return {
    tokens,
    sections: sections.map((section) => ({ name: section.name, tokens: section.tokens })),
    recalled: memories.map(({ kind, text, score }) => ({ kind, text, score })),
  };
}

/** What the history keeps of a context, turn after turn: sections with nothing in them and nothing left out say nothing. */
export function summaryOf(
  { contextId, tokens, sections, memories }: AssembledContext,
  { windowFrom, summarizeBefore }: Pick<AssembledPrompt, 'windowFrom' | 'summarizeBefore'>,
): ContextSummary {
  return {
    contextId,
    tokens,
    sections: sections
      .filter(({ tokens: taken, leftOut }) => taken > 0 || leftOut > 0)
      .map(({ name, tokens: taken, leftOut }) => ({ name, tokens: taken, leftOut })),
    memories: memories.map(({ id, score }) => ({ id, score })),
    ...(windowFrom === undefined ? {} : { windowFrom }),
    ...(summarizeBefore === undefined ? {} : { summarizeBefore }),
  };
}

async function loadSummary(
  dependencies: StageDependencies,
  { task, window: { summary } }: AssembleContextInput,
): Promise<PromptParts['summary']> {
  if (summary === undefined) return undefined;
  const [entry] = await loadTranscript(dependencies, task, { from: summary.seq, to: summary.seq });
  return entry?.kind === 'summary' ? { text: entry.text, upTo: summary.upTo } : undefined;
}
