import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { messagesTokens } from '../activities/context/section.ts';
import type { Tokenizer } from '../activities/context/tokenizer.ts';
import { openTokenizer } from '../activities/context/tokenizer.ts';
import { toolTokens } from '../activities/context/tools.ts';
import type { PromptMessage } from '../contracts/language-model.ts';
import type { ProfileName } from '../contracts/policy.ts';
import { profileNames } from '../contracts/policy.ts';
import { tokenPrice } from '../contracts/usage.ts';
import { workflowBundle } from '../worker/index.ts';
import type { Benchmark, Figures, Outcome, RunOptions, Servers } from './benchmark.ts';
import { atMost } from './benchmark.ts';
import { auditor } from './context/auditor.ts';
import type { SeenPrompt } from './context/auditor-model.ts';
import { createAuditorModel } from './context/auditor-model.ts';
import { naiveLoop } from './context/naive-loop.ts';
import { lineChart } from './support/line-chart.ts';
import { quietSdk } from './support/quiet-sdk.ts';
import { mean, round } from './support/statistics.ts';
import { openWaymarkWorker } from './support/waymark-worker.ts';
import { wordEmbedder } from './support/word-embedder.ts';

const TURNS = 200;
const QUICK_TURNS = 45;
/** Turns over which an early and a late prompt are averaged: what a turn brings is now short, now long. */
const AROUND = 10;
const EARLY = 20;
/** Of the turns, those that count as late. */
const LATE_SHARE = 0.5;
const CHART = new URL('../docs/images/context-tokens.svg', import.meta.url);
const COLORS: Readonly<Record<ProfileName, string>> = {
  'token-poor': '#1a7f37',
  balanced: '#0969da',
  'token-rich': '#8250df',
};

/** What a token read from a provider's cache costs beside one that is not: a tenth, as at most of them. */
const CACHED_PRICE = 0.1;

/** What a task cost, by turn. */
interface Measured {
  readonly tokens: readonly number[];
  /** Tokens at the start of each prompt that stood there in the one before: what a provider's cache can keep. */
  readonly shared: readonly number[];
  readonly summaryTokens: number;
}

/** Prompt tokens of a task of 200 turns under each profile, and of a loop that appends everything; and what they cost. */
export const context: Benchmark = {
  about: 'prompt tokens a turn over a long task, by profile, against a loop that appends everything',
  run: async (options, servers) => {
    quietSdk();
    const turns = options.quick ? QUICK_TURNS : TURNS;
    const bundle = await workflowBundle();
    const tokenizer = await openTokenizer(createAuditorModel(() => undefined).name);
    const measured = new Map<ProfileName, Measured>();
    for (const profile of profileNames) {
      options.say(`context: ${turns} turns, profile ${profile}`);
      measured.set(profile, await measure(servers, { profile, turns, bundle, tokenizer }));
    }
    const naive = naiveLoop(turns, (messages) => messagesTokens(messages, tokenizer));
    const naiveTools = toolsTokens(
      auditor.tools.map(({ spec }) => spec),
      tokenizer,
    );
    const withTools = naive.map((tokens) => tokens + naiveTools);
    if (!options.quick) await draw(measured, withTools, options);
    return outcomeOf(measured, withTools);
  },
};

async function measure(
  servers: Servers,
  task: {
    readonly profile: ProfileName;
    readonly turns: number;
    readonly bundle: WorkflowBundleOption;
    readonly tokenizer: Tokenizer;
  },
): Promise<Measured> {
  const { profile, turns, bundle, tokenizer } = task;
  const prompts: SeenPrompt[] = [];
  const { waymark, close } = await openWaymarkWorker(servers, {
    name: `context-${profile}`,
    agents: [auditor],
    model: createAuditorModel((prompt) => void prompts.push(prompt)),
    embedder: wordEmbedder,
    workflowBundle: bundle,
  });
  try {
    const policy = { profile, budgets: { turns: turns + 10, tokens: 1_000_000_000 } };
    const started = await waymark.start(auditor, { key: 'audit', input: { records: turns }, policy });
    await started.result();
  } finally {
    await close();
  }
  return measuredOf(prompts, tokenizer);
}

function measuredOf(prompts: readonly SeenPrompt[], tokenizer: Tokenizer): Measured {
  const asked = prompts.filter(({ turn }) => turn !== undefined);
  const summaries = prompts.filter(({ turn }) => turn === undefined);
  return {
    tokens: asked.map((prompt) => promptTokens(prompt, tokenizer)),
    shared: asked.slice(1).map((prompt, at) => sharedTokens(asked[at], prompt, tokenizer)),
    summaryTokens: summaries.reduce((sum, prompt) => sum + promptTokens(prompt, tokenizer), 0),
  };
}

function promptTokens({ messages, tools }: SeenPrompt, tokenizer: Tokenizer): number {
  return messagesTokens(messages, tokenizer) + toolsTokens(tools, tokenizer);
}

function toolsTokens(tools: SeenPrompt['tools'], tokenizer: Tokenizer): number {
  return tools.reduce((sum, spec) => sum + toolTokens(spec, tokenizer), 0);
}

function sharedTokens(before: SeenPrompt | undefined, prompt: SeenPrompt, tokenizer: Tokenizer): number {
  if (before === undefined || JSON.stringify(before.tools) !== JSON.stringify(prompt.tools)) return 0;
  const other = prompt.messages.findIndex((message, at) => !sameMessage(message, before.messages[at]));
  const same = other === -1 ? prompt.messages : prompt.messages.slice(0, other);
  return messagesTokens(same, tokenizer) + toolsTokens(prompt.tools, tokenizer);
}

function sameMessage(one: PromptMessage, other: PromptMessage | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function outcomeOf(measured: ReadonlyMap<ProfileName, Measured>, naive: readonly number[]): Outcome {
  // What only appends has each prompt whole at the start of the next.
  const appended: Measured = { tokens: naive, shared: naive.slice(0, -1), summaryTokens: 0 };
  const rows = [...measured].map(([profile, one]): [string, Figures] => [profile, figuresOf(one, appended)]);
  const poor = measured.get('token-poor')?.tokens ?? [];
  const last = poor.length - 1;
  const first = poor.length - late(poor).length + 1;
  return {
    figures: {
      ...Object.fromEntries(rows),
      naive: { ...seriesFigures(naive), costWithCache: Math.round(costWithCache(appended)) },
    },
    goals: {
      [`token-poor, mean of the ${2 * AROUND} turns up to ${last} against those around ${EARLY}`]: atMost(
        1.15,
        growthOf(poor),
      ),
      [`token-poor, turn ${last} against turn ${EARLY}`]: atMost(1.15, pairOf(poor, last)),
      [`token-poor, largest of the turns from ${first} on against turn ${EARLY}`]: atMost(1.15, largestLateOf(poor)),
    },
  };
}

/** Prompts as they are billed where the provider has a cache, in tokens of the full price. A summary finds nothing there. */
function costWithCache({ tokens, shared, summaryTokens }: Measured): number {
  const prices = { prompt: 1_000_000, completion: 0, cached: CACHED_PRICE * 1_000_000 };
  return tokenPrice(
    { promptTokens: sum(tokens) + summaryTokens, completionTokens: 0, cachedTokens: sum(shared) },
    prices,
  );
}

function figuresOf(measured: Measured, naive: Measured): Figures {
  const { tokens, shared, summaryTokens } = measured;
  const total = sum(tokens) + summaryTokens;
  return {
    ...seriesFigures(tokens),
    summaries: summaryTokens,
    totalWithSummaries: total,
    ofNaive: round(total / sum(naive.tokens), 3),
    sharedPrefix: round(sum(shared) / sum(tokens.slice(1))),
    costWithCache: Math.round(costWithCache(measured)),
    costOfNaive: round(costWithCache(measured) / costWithCache(naive), 3),
  };
}

function seriesFigures(tokens: readonly number[]): Figures {
  const at = (turn: number): number => tokens[turn - 1] ?? 0;
  const last = tokens.length - 1;
  return {
    turn1: at(1),
    [`turn${EARLY}`]: at(EARLY),
    [`turn${last}`]: at(last),
    largest: Math.max(...tokens),
    [`turn${last}To${EARLY}`]: pairOf(tokens, last),
    [`largestLateTo${EARLY}`]: largestLateOf(tokens),
    lateLargestToSmallest: round(Math.max(...late(tokens)) / Math.min(...late(tokens))),
    growth: growthOf(tokens),
    total: sum(tokens),
  };
}

function late(tokens: readonly number[]): readonly number[] {
  return tokens.slice(Math.floor(tokens.length * LATE_SHARE));
}

function pairOf(tokens: readonly number[], turn: number): number {
  return round((tokens[turn - 1] ?? 0) / (tokens[EARLY - 1] ?? 0));
}

function largestLateOf(tokens: readonly number[]): number {
  return round(Math.max(...late(tokens)) / (tokens[EARLY - 1] ?? 0));
}

function early(tokens: readonly number[]): readonly number[] {
  return tokens.slice(EARLY - AROUND, EARLY + AROUND);
}

function growthOf(tokens: readonly number[]): number {
  return round(mean(tokens.slice(-2 * AROUND)) / mean(early(tokens)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function draw(
  measured: ReadonlyMap<ProfileName, Measured>,
  naive: readonly number[],
  { say }: RunOptions,
): Promise<void> {
  const lines = [...measured].map(([name, { tokens }]) => ({ name, color: COLORS[name], values: tokens }));
  const all = [...lines, { name: 'appends everything', color: '#cf222e', values: naive }];
  await writeFile(CHART, lineChart(all, { title: 'Prompt tokens a turn', x: 'turn', y: 'logarithmic' }));
  say(`context: drew ${fileURLToPath(CHART)}`);
}
