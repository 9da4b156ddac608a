import { setTimeout as pause } from 'node:timers/promises';
import { openTokenizer } from '../activities/context/tokenizer.ts';
import type { TaskHandle } from '../client/index.ts';
import type { AssembledContext, SectionName } from '../contracts/projection.ts';
import type { TaskProgress } from '../contracts/task.ts';
import { ensureEmbeddingModel } from '../local/index.ts';
import { connectRedis, createContextStore } from '../memory/index.ts';
import { createLocalEmbeddings } from '../models/index.ts';
import { workflowBundle } from '../worker/index.ts';
import type { Benchmark, Figures, Outcome, Servers } from './benchmark.ts';
import { atLeast, atMost } from './benchmark.ts';
import type { Needle } from './needles/facts.ts';
import { CEILING, CORRECTED, needles, said, SIGNER } from './needles/facts.ts';
import { FILLER_EVERY, fillerMessage, renovator } from './needles/renovator.ts';
import { createRenovatorModel } from './needles/renovator-model.ts';
import { quietSdk } from './support/quiet-sdk.ts';
import type { ShiftedClock } from './support/shifted-clock.ts';
import { shiftClock } from './support/shifted-clock.ts';
import { openWaymarkWorker } from './support/waymark-worker.ts';

const TURNS = 200;
const QUICK_TURNS = 60;
const NAME = 'needles';
const FIVE_DAYS_MS = 5 * 86_400_000;
const DEADLINE_MS = 480_000;

/** Are facts given on turn 3 in the prompt of the turn that needs them, after a long work and a pause of five days? */
export const needlesBenchmark: Benchmark = {
  about: 'facts of turn 3 in the prompts that need them, some 190 turns and five days later, token-poor',
  run: async (options, servers) => {
    quietSdk();
    const turns = options.quick ? QUICK_TURNS : TURNS;
    const local = await createLocalEmbeddings(await ensureEmbeddingModel({ say: options.say }));
    const clock = shiftClock();
    try {
      options.say(`needles: ${turns} turns, token-poor, ${local.name}`);
      const contexts = await runTask(servers, { turns, clock, embedder: local });
      return await outcomeOf(contexts, turns);
    } finally {
      clock.restore();
    }
  },
};

/** The turn that needs a needle: the last ones, every other turn. */
function needTurn(at: number, turns: number): number {
  return turns - 2 * (needles.length - 1 - at);
}

async function runTask(
  servers: Servers,
  {
    turns,
    clock,
    embedder,
  }: {
    readonly turns: number;
    readonly clock: ShiftedClock;
    readonly embedder: Parameters<typeof openWaymarkWorker>[1]['embedder'];
  },
): Promise<Map<number, AssembledContext>> {
  let task: TaskHandle | undefined;
  const onTurn = async (turn: number): Promise<void> => {
    for (const text of messagesFor(turn + 1, turns))
      await task?.send({ text, by: { kind: 'person', id: 'site-office' } });
    if (turn === Math.floor(turns / 2)) await task?.pause({ reason: 'holidays' });
  };
  const { waymark, close } = await openWaymarkWorker(servers, {
    name: NAME,
    agents: [renovator],
    model: createRenovatorModel(onTurn),
    embedder,
    workflowBundle: await workflowBundle(),
  });
  try {
    const policy = { profile: 'token-poor' as const, budgets: { turns: turns + 10, tokens: 1_000_000_000 } };
    const started = await waymark.start(renovator, { key: 'site', input: { turns }, policy });
    task = started;
    await answerTurnThree(started);
    await until(started, ({ status }) => status.kind === 'paused');
    clock.ahead(FIVE_DAYS_MS);
    await started.resume();
    await started.result();
    return await contextsOf(servers, started.taskId, turns);
  } finally {
    await close();
  }
}

/** What people write before a turn. */
function messagesFor(turn: number, turns: number): string[] {
  if (turn === 2) return [CORRECTED.text];
  if (turn === 3) return [said.slice(0, 3), said.slice(3)].map((facts) => facts.map(({ given }) => given).join(' '));
  const need = needles.find((_, at) => needTurn(at, turns) === turn);
  if (need !== undefined) return [need.need];
  return turn > 4 && turn % FILLER_EVERY === 0 ? [fillerMessage(turn)] : [];
}

/** One of the two questions of turn 3 is answered; the other stays open. */
async function answerTurnThree(task: TaskHandle): Promise<void> {
  const { questions } = await until(task, (progress) => progress.questions.length === 2);
  const signer = questions.find(({ text }) => text === SIGNER.question);
  await task.answer({ questionId: signer?.id ?? '', text: SIGNER.answer, by: { kind: 'person', id: 'site-office' } });
  await until(task, ({ questions: open }) => open.length === 1 && open[0]?.text === CEILING);
  await task.send({ text: 'Go on meanwhile.', by: { kind: 'person', id: 'site-office' } });
}

async function until(task: TaskHandle, holds: (progress: TaskProgress) => boolean): Promise<TaskProgress> {
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    const progress = await task.progress();
    if (holds(progress)) return progress;
    if (performance.now() > end) throw new Error(`${task.taskId} hangs: ${JSON.stringify(progress.status)}`);
    await pause(100);
  }
}

async function contextsOf(
  { redisUrl }: Servers,
  taskId: string,
  turns: number,
): Promise<Map<number, AssembledContext>> {
  const redis = connectRedis({ url: redisUrl });
  try {
    const store = createContextStore(redis);
    const found = new Map<number, AssembledContext>();
    for (let turn = 1; turn <= turns; turn += 1) {
      const context = await store.load({ tenant: NAME, taskId }, `t${turn}`);
      if (context) found.set(turn, context);
    }
    return found;
  } finally {
    redis.disconnect();
  }
}

async function outcomeOf(contexts: ReadonlyMap<number, AssembledContext>, turns: number): Promise<Outcome> {
  const rows = needles.map((needle, at) => rowOf(needle, needTurn(at, turns), contexts));
  const largest = Math.max(...[...contexts.values()].map(({ tokens }) => tokens));
  const found = rows.filter(({ sections }) => sections.length > 0);
  const recalled = found.filter(({ sections }) => sections.some((name) => name !== 'window' && name !== 'input'));
  return {
    figures: {
      needles: Object.fromEntries(rows.map(({ kind, figures }): [string, Figures] => [kind, figures])),
      largestPrompt: largest,
      tokenizer: (await openTokenizer('gpt-4.1-mini')).name,
    },
    goals: {
      'facts of ten in the prompt that needs them': atLeast(needles.length, found.length),
      'of these outside the recent window': atLeast(needles.length, recalled.length),
      'outdated facts beside their correction': atMost(0, rows.filter(({ outdated }) => outdated).length),
    },
  };
}

function rowOf(needle: Needle, turn: number, contexts: ReadonlyMap<number, AssembledContext>) {
  const context = contexts.get(turn);
  const sections = context === undefined ? [] : sectionsWith(context, needle.mark);
  const outdated =
    context !== undefined && needle.outdated !== undefined && sectionsWith(context, needle.outdated).length > 0;
  const asked = context !== undefined && sectionsWith(context, needle.need).length > 0;
  const figures: Figures = {
    turn,
    asked: asked ? 'yes' : 'NO',
    found: sections.join(', ') || 'MISSED',
    tokens: context?.tokens ?? 0,
    ...(outdated ? { outdated: needle.outdated ?? '' } : {}),
  };
  return { kind: needle.kind, sections: asked ? sections : [], outdated, figures };
}

function sectionsWith({ sections, messages }: AssembledContext, words: string): SectionName[] {
  return sections
    .filter(({ messages: { from, to } }) => messages.slice(from, to).some(({ content }) => content.includes(words)))
    .map(({ name }) => name);
}
