import { setTimeout as pause } from 'node:timers/promises';
import { openTokenizer } from '../activities/context/tokenizer.ts';
import type { TaskHandle } from '../client/index.ts';
import type { TaskRef } from '../contracts/ids.ts';
import type { AssembledContext, SectionName } from '../contracts/projection.ts';
import type { TaskProgress } from '../contracts/task.ts';
import { ensureEmbeddingModel } from '../local/index.ts';
import { connectRedis, createContextStore } from '../memory/index.ts';
import { createLocalEmbeddings } from '../models/index.ts';
import { workflowBundle } from '../worker/index.ts';
import type { Benchmark, Figures, Outcome, Servers } from './benchmark.ts';
import { atLeast, atMost } from './benchmark.ts';
import type { Needle, Story } from './needles/facts.ts';
import { needlesOf } from './needles/facts.ts';
import { createRenovator, FILLER_EVERY, fillerMessage } from './needles/renovator.ts';
import { createRenovatorModel } from './needles/renovator-model.ts';
import { stories } from './needles/stories/index.ts';
import { quietSdk } from './support/quiet-sdk.ts';
import type { ShiftedClock } from './support/shifted-clock.ts';
import { shiftClock } from './support/shifted-clock.ts';
import { openWaymarkWorker } from './support/waymark-worker.ts';

const TURNS = 200;
const QUICK_TURNS = 60;
const FIVE_DAYS_MS = 5 * 86_400_000;
const DEADLINE_MS = 480_000;

/** Are facts given on turn 3 in the prompt of the turn that needs them, after a long work and a pause of five days? */
export const needlesBenchmark: Benchmark = {
  about: 'facts of turn 3 in the prompts that need them, some 190 turns and five days later, token-poor',
  run: async (options, servers) => {
    quietSdk();
    const turns = options.quick ? QUICK_TURNS : TURNS;
    const embedder = await createLocalEmbeddings(await ensureEmbeddingModel({ say: options.say }));
    const told: Told[] = [];
    for (const [seed, story] of stories.entries()) {
      options.say(`needles: ${story.name}, ${turns} turns, token-poor, ${embedder.name}`);
      const clock = shiftClock();
      try {
        const task: StoryTask = { story, seed, turns, clock, embedder };
        told.push({ story, turns, contexts: await runTask(servers, task) });
      } finally {
        clock.restore();
      }
    }
    return outcomeOf(told);
  },
};

/** A task to be run. */
interface StoryTask {
  readonly story: Story;
  readonly seed: number;
  readonly turns: number;
  readonly clock: ShiftedClock;
  readonly embedder: Parameters<typeof openWaymarkWorker>[1]['embedder'];
}

/** A task that was run: its prompts by turn. */
interface Told {
  readonly story: Story;
  readonly turns: number;
  readonly contexts: ReadonlyMap<number, AssembledContext>;
}

/** The turn that needs a needle: the last ones, every other turn. */
function needTurn(story: Story, at: number, turns: number): number {
  return turns - 2 * (needlesOf(story).length - 1 - at);
}

async function runTask(servers: Servers, run: StoryTask): Promise<Map<number, AssembledContext>> {
  const { story, turns, clock, embedder } = run;
  const name = `needles-${story.name}`;
  const renovator = createRenovator(story);
  let task: TaskHandle | undefined;
  const onTurn = async (turn: number): Promise<void> => {
    for (const text of messagesFor(run, turn + 1))
      await task?.send({ text, by: { kind: 'person', id: 'site-office' } });
    if (turn === Math.floor(turns / 2)) await task?.pause({ reason: 'holidays' });
  };
  const { waymark, close } = await openWaymarkWorker(servers, {
    name,
    agents: [renovator],
    model: createRenovatorModel(story, onTurn),
    embedder,
    workflowBundle: await workflowBundle(),
  });
  try {
    const policy = { profile: 'token-poor' as const, budgets: { turns: turns + 10, tokens: 1_000_000_000 } };
    const started = await waymark.start(renovator, { key: 'site', input: { turns }, policy });
    task = started;
    await answerTurnThree(started, story);
    await until(started, ({ status }) => status.kind === 'paused');
    clock.ahead(FIVE_DAYS_MS);
    await started.resume();
    await started.result();
    return await contextsOf(servers, { tenant: name, taskId: started.taskId, turns });
  } finally {
    await close();
  }
}

/** What people write before a turn. */
function messagesFor({ story, seed, turns }: StoryTask, turn: number): string[] {
  const { said, corrected } = story;
  if (turn === 2) return [corrected.text];
  if (turn === 3) return [said.slice(0, 3), said.slice(3)].map((facts) => facts.map(({ given }) => given).join(' '));
  const need = needlesOf(story).find((_, at) => needTurn(story, at, turns) === turn);
  if (need !== undefined) return [need.need];
  return turn > 4 && turn % FILLER_EVERY === 0 ? [fillerMessage(turn, seed)] : [];
}

/** One of the two questions of turn 3 is answered; the other stays open. */
async function answerTurnThree(task: TaskHandle, { asked, open }: Story): Promise<void> {
  const by = { kind: 'person' as const, id: 'site-office' };
  const { questions } = await until(task, (progress) => progress.questions.length === 2);
  const question = questions.find(({ text }) => text === asked.question);
  await task.answer({ questionId: question?.id ?? '', text: asked.answer, by });
  await until(task, ({ questions: left }) => left.length === 1 && left[0]?.text === open);
  await task.send({ text: 'Go on meanwhile.', by });
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
  { turns, ...task }: TaskRef & { readonly turns: number },
): Promise<Map<number, AssembledContext>> {
  const redis = connectRedis({ url: redisUrl });
  try {
    const store = createContextStore(redis);
    const found = new Map<number, AssembledContext>();
    for (let turn = 1; turn <= turns; turn += 1) {
      const context = await store.load(task, `t${turn}`);
      if (context) found.set(turn, context);
    }
    return found;
  } finally {
    redis.disconnect();
  }
}

async function outcomeOf(told: readonly Told[]): Promise<Outcome> {
  const rows = told.flatMap(({ story, turns, contexts }) =>
    needlesOf(story).map((needle, at) => ({
      story: story.name,
      ...rowOf(needle, needTurn(story, at, turns), contexts),
    })),
  );
  const prompts = told.flatMap(({ contexts }) => [...contexts.values()]);
  const found = rows.filter(({ sections }) => sections.length > 0);
  const recalled = found.filter(({ sections }) => sections.some((name) => name !== 'window' && name !== 'input'));
  const byStory = ({ story: { name } }: Told): [string, Figures] => [
    name,
    Object.fromEntries(rows.filter(({ story }) => story === name).map(({ kind, figures }) => [kind, figures])),
  ];
  return {
    figures: {
      needles: Object.fromEntries(told.map(byStory)),
      largestPrompt: Math.max(...prompts.map(({ tokens }) => tokens)),
      tokenizer: (await openTokenizer('gpt-4.1-mini')).name,
    },
    goals: {
      [`facts of ${rows.length} in the prompt that needs them`]: atLeast(rows.length, found.length),
      'of these outside the recent window': atLeast(rows.length, recalled.length),
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
