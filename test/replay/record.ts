/*
 * Records histories of real runs, which `replay.test.ts` replays against the workflows as they are then:
 *
 *   node --conditions=waymark-source --import tsx test/replay/record.ts [NAME …]
 *
 * A changed workflow must go on replaying what is there. Record anew, or add a history, only when a change is meant to
 * end what runs (say so in the commit), or when the workflows have learned something that no history shows yet.
 */
import { mkdir } from 'node:fs/promises';
import { failure, FailureType } from '../../contracts/failures.ts';
import type { Judged, JudgeInput } from '../../contracts/stages.ts';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer } from '../support/fake-stages.ts';
import { openDevServer } from '../support/dev-server-world.ts';
import { openWorkflowWorld, quietRuntime } from '../support/workflow-world.ts';
import type { TestTask, WorkflowWorld } from '../support/workflow-world.ts';
import { HISTORIES } from './histories.ts';
import { writeHistory } from './history-file.ts';

const ASK: FakeAnswer = { calls: [['ask_user', { question: 'Which plan?', deadlineHours: 48 }]] };
const LOOK: FakeAnswer = { calls: [['look', {}]] };
const look = async (): Promise<string> => 'seen';
const SHOWN = { description: { searchAttributes: true } } as const;
type Start = WorkflowWorld['start'];

/** Each run that is worth keeping, by the name of its file. */
const scenarios: Readonly<Record<string, (start: Start) => Promise<TestTask>>> = {
  waiting: async (start) => {
    const task = await start({ model: [LOOK, ASK], tools: { look }, ...SHOWN });
    await task.until('waiting');
    return task;
  },
  answered: async (start) => {
    const both: FakeAnswer = { calls: [...(ASK.calls ?? []), ['ask_user', { question: 'Where?' }], ['look', {}]] };
    const task = await start({ model: [both, FINISH], tools: { look }, ...SHOWN });
    const { questions } = await task.until('waiting', (progress) => progress.questions.length === 2);
    for (const { id } of questions) await task.update('answer', { questionId: id, text: 'here' });
    await task.result();
    return task;
  },
  paused: async (start) => {
    const task = await start({ model: [ASK, ASK, FINISH], ...SHOWN });
    await task.until('waiting');
    await task.update('pause', { reason: 'holidays', until: new Date(Date.now() + 3_600_000).toISOString() });
    await task.update('resume', { note: 'back' });
    await task.until('waiting', ({ turn }) => turn === 2);
    await task.signal('send', { text: 'hurry' });
    await task.result();
    return task;
  },
  approvals: async (start) => {
    const tools = { pay: look, look };
    const toolSettings = { pay: { approval: 'always' } } as const;
    const calls = [
      ['pay', {}],
      ['pay', {}],
      ['look', {}],
      ['fly', {}, 'There is no tool "fly".'],
    ] as const;
    const task = await start({
      model: [{ calls }, FINISH],
      tools,
      toolSettings,
      policy: { toolConcurrency: 1 },
      ...SHOWN,
    });
    await task.until('waiting');
    await task.update('approve', { callId: 't1c2' });
    await task.update('reject', { callId: 't1c1', reason: 'too much' });
    await task.result();
    return task;
  },
  'new-run': async (start) => {
    const model = [ASK, LOOK, LOOK, FINISH];
    const task = await start({ model, tools: { look }, policy: { turnsPerRun: 1 }, ...SHOWN });
    await task.until('waiting');
    await task.update('send', { text: 'hurry' });
    await task.result();
    return task;
  },
  blocked: async (start) => {
    const wrongKey = failure(FailureType.ModelAuthentication, { message: 'the key is wrong' });
    const task = await start({ model: [LOOK, {}, wrongKey, FINISH], tools: { look }, ...SHOWN });
    await task.until('blocked');
    await task.update('resume', { note: 'mended' });
    await task.result();
    return task;
  },
  'out-of-budget': async (start) => {
    const task = await start({
      model: [LOOK, LOOK, FINISH],
      tools: { look },
      policy: { budgets: { turns: 1 } },
      ...SHOWN,
    });
    await task.until('blocked');
    await task.update('budget', { addTurns: 5 });
    await task.result();
    return task;
  },
  looped: async (start) => {
    const loops = { sameCall: { tell: 2, ask: 3, block: 4 } };
    const task = await start({ model: [LOOK, LOOK, LOOK, FINISH], tools: { look }, policy: { loops }, ...SHOWN });
    await task.until('waiting');
    await task.update('answer', { questionId: 'q1', text: 'look elsewhere' });
    await task.result();
    return task;
  },
  reviewed: async (start) => {
    const verdicts = ['revise', 'continue', 'ask', 'continue', 'continue'] as const;
    let judgements = 0;
    const judge = async (from: string, { seq, occasion }: JudgeInput): Promise<Judged> => {
      const verdict = verdicts[judgements] ?? 'continue';
      judgements += 1;
      return {
        entry: { kind: 'note', seq, at: new Date().toISOString(), text: verdict, verdict: { from, occasion, verdict } },
      };
    };
    const task = await start({
      model: [FINISH, FINISH, FINISH],
      replace: () => ({
        critique: (input) => judge('critique', input),
        evaluate: (input) => judge(input.evaluator, input),
      }),
      policy: { critique: { beforeFinish: true } },
      description: { ...SHOWN.description, evaluators: ['strict'] },
    });
    await task.until('waiting');
    await task.update('answer', { questionId: 'q1', text: 'go on' });
    await task.result();
    return task;
  },
  planned: async (start) => {
    const plans = [[{ id: 'dig', title: 'Dig', doneWhen: 'it is deep' }], [{ id: 'lamp', title: 'Fetch a lamp' }]];
    const fails: FakeAnswer = { calls: [['fly', {}, 'There is no tool "fly".']] };
    const done: FakeAnswer = { calls: [['update_plan', { changes: [{ id: 'lamp', status: 'done' }] }]] };
    const task = await start({
      model: [fails, fails, done, FINISH],
      policy: { style: 'plan-and-execute' },
      replace: () => ({
        plan: async () => ({ subgoals: plans.shift() ?? [], usage: { promptTokens: 1, completionTokens: 1 } }),
      }),
      ...SHOWN,
    });
    await task.result();
    return task;
  },
  summarised: async (start) => {
    const task = await start({
      model: [LOOK, LOOK, LOOK, LOOK, FINISH],
      tools: { look },
      replace: (plain) => ({
        assembleContext: async (input) => {
          const made = await plain.assembleContext(input);
          const { turn, window } = input;
          if (turn < 3) return made;
          return window.summary === undefined ? { ...made, summarizeBefore: 4 } : { ...made, windowFrom: turn };
        },
        summarizeTranscript: async ({ seq, range: { to: upTo } }) => ({
          entry: { kind: 'summary', seq, at: new Date().toISOString(), upTo, text: 'It looked.', kept: [] },
          usage: { promptTokens: 5, completionTokens: 5 },
        }),
      }),
      ...SHOWN,
    });
    await task.result();
    return task;
  },
  cancelled: async (start) => {
    const task = await start({ model: [ASK], ...SHOWN });
    await task.until('waiting');
    await task.update('cancel', { reason: 'enough' });
    await task.result().catch(() => undefined);
    return task;
  },
  outage: async (start) => {
    let served = 0;
    const task = await start({
      model: [LOOK, FINISH],
      tools: { look },
      replace: (plain) => ({
        recordObservation: async (input) => {
          served += 1;
          if (served < 3) throw failure(FailureType.MemoryUnavailable, { message: 'Redis is away' });
          return plain.recordObservation(input);
        },
      }),
      ...SHOWN,
    });
    await task.result();
    return task;
  },
};

async function record(): Promise<void> {
  quietRuntime();
  const server = await openDevServer();
  try {
    const world = await openWorkflowWorld(server);
    await mkdir(HISTORIES, { recursive: true });
    const asked = process.argv.slice(2);
    for (const [name, play] of Object.entries(scenarios)) {
      if (asked.length > 0 && !asked.includes(name)) continue;
      const task = await play(world.start);
      await writeHistory(new URL(`${name}.json`, HISTORIES).pathname, await task.handle.fetchHistory());
      console.log(`recorded ${name}`);
    }
    await world.stop();
  } finally {
    await server.stop();
  }
}

await record();
