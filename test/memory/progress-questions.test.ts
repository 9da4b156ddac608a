import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { stateMemory } from '../../activities/remembering/state-memory.ts';
import { turnMemories } from '../../activities/remembering/turn-memories.ts';
import type { RecallQuery } from '../../contracts/memory-query.ts';
import type { TaskRecord } from '../../contracts/task-record.ts';
import type { Observation } from '../../contracts/transcript.ts';
import { ensureEmbeddingModel } from '../../local/embedding-model.ts';
import { openMemory, whatWasTried, whereWasI, whichAreStuck } from '../../memory/index.ts';
import type { OpenMemory } from '../../memory/index.ts';
import { createLocalEmbeddings } from '../../models/index.ts';
import { recordFor } from '../support/stage-world.ts';
import { startTestRedis } from '../support/servers.ts';

const at = '2026-05-04T09:00:00.000Z';
const TITLES = [
  'Create the account',
  'Set up the workspace',
  'Import the customer list',
  'Invite the team',
  'Schedule the training',
];
type Turn = Partial<Pick<Observation, 'markers' | 'failedStrategies'>>;

/** A task that has done so many steps. */
function task(key: string, subject: string, done: number, more: Partial<TaskRecord> = {}): TaskRecord {
  const plan = TITLES.map((title, index) => ({
    id: `s${index}`,
    title,
    status: index < done ? ('done' as const) : index === done ? ('active' as const) : ('open' as const),
  }));
  return recordFor(`onboarding:${key}`, {
    agent: 'onboarding',
    key,
    subject,
    goal: `Onboard ${subject} to the product.`,
    plan,
    ...more,
  });
}

const failedImport = {
  tool: 'import_customers',
  arguments: '{"file":"customers.csv"}',
  cause: 'the CSV file has no header row.',
  retryWhen: 'the customer has sent the file with a header row',
};
const failedInvite = {
  tool: 'send_invitations',
  arguments: '{"to":"crew@northwind.test"}',
  cause: 'the mail server of the customer refuses messages from us.',
  retryWhen: 'their administrator has put our address on the list of senders',
};

const tasks: readonly { readonly record: TaskRecord; readonly turns: readonly Turn[] }[] = [
  {
    record: task('acme', 'acme', 2, {
      status: 'blocked',
      waitingFor: 'repair: import_customers failed: the CSV file has no header row',
    }),
    turns: [
      { markers: [{ item: 's0', text: 'Create the account: account 4711 on the Pro plan' }] },
      { failedStrategies: [failedImport] },
    ],
  },
  {
    record: task('borealis', 'borealis', 2, {
      status: 'blocked',
      waitingFor: 'repair: the import service has answered with 503 for an hour',
    }),
    turns: [{ markers: [{ item: 's1', text: 'Set up the workspace: workspace w-77' }] }],
  },
  {
    record: task('cygnus', 'cygnus', 0, { status: 'blocked', waitingFor: 'repair: the key of the model is wrong' }),
    turns: [{}],
  },
  {
    record: task('northwind', 'northwind', 3, {
      status: 'waiting',
      waitingFor: 'answer to "Which colleagues shall be invited?"',
    }),
    turns: [
      { markers: [{ item: 's2', text: 'Import the customer list: 812 customers' }] },
      { failedStrategies: [failedInvite] },
    ],
  },
  {
    record: task('dorado', 'dorado', 4, { status: 'running' }),
    turns: [{ markers: [{ item: 's3', text: 'Invite the team: five colleagues' }] }],
  },
  { record: task('northwind-2', 'northwind', 1, { status: 'running' }), turns: [{}] },
];

describe('questions about tasks, one recall each, on real embeddings', () => {
  let server: Awaited<ReturnType<typeof startTestRedis>>;
  let memory: OpenMemory;
  before(async () => {
    server = await startTestRedis();
    memory = await openMemory({
      redisUrl: server.url,
      embedder: await createLocalEmbeddings(await ensureEmbeddingModel()),
    });
    for (const { record, turns } of tasks) {
      for (const [index, turn] of turns.entries()) {
        const observation = { turn: index + 1, summary: '', markers: [], failedStrategies: [], learned: [], ...turn };
        const entry = { kind: 'observation', seq: 5 + index, at, turn: index + 1, observation } as const;
        const running = { ...record, status: 'running' as const };
        const kept = turnMemories({ record: running, turn: index + 1 }, entry, { entries: [], extracted: [] });
        await memory.memories.remember('default', kept, { kind: 'agent', id: 'onboarding' });
      }
      const later = '2026-05-04T10:00:00.000Z';
      await memory.memories.remember('default', [{ ...stateMemory(record, later), id: `${record.taskId}:s` }], {
        kind: 'agent',
        id: 'onboarding',
      });
    }
  });
  after(async () => {
    await memory.close();
    await server.stop();
  });
  const ask = (query: RecallQuery) => memory.memories.recall('default', query);

  it('"which tasks are stuck on the data import" names those tasks first, and none that is not stuck', async () => {
    const found = await ask(whichAreStuck('the data import'));
    const ids = found.map(({ memory: { provenance } }) => provenance.taskId);
    assert.deepEqual(new Set(ids.slice(0, 2)), new Set(['onboarding:acme', 'onboarding:borealis']));
    assert.ok(!ids.includes('onboarding:northwind') && !ids.includes('onboarding:dorado'), ids.join());
    assert.match(
      found.find(({ memory: { scope } }) => scope.id === 'onboarding:acme')?.memory.text ?? '',
      /no header row/,
    );
  });

  it('the same question in plain words, without the filter, has both among its first three', async () => {
    const text = 'Which tasks are stuck on the data import?';
    const { where: _status, ...question } = whichAreStuck('');
    const found = await ask({ ...question, text });
    const first = found.slice(0, 3).map(({ memory: { provenance } }) => provenance.taskId);
    assert.ok(first.includes('onboarding:acme') && first.includes('onboarding:borealis'), first.join());
    assert.ok(
      first.every((id) => id !== 'onboarding:dorado'),
      first.join(),
    );
  });

  it('"what have we tried with this customer" gives failures with cause and retry condition, over its tasks alone', async () => {
    const found = await ask(whatWasTried('northwind'));
    const [best] = found;
    assert.match(
      best?.memory.text ?? '',
      /Tried send_invitations.*refuses messages from us\. Try again only when their administrator/,
    );
    assert.equal(best?.memory.data?.['retryWhen'], failedInvite.retryWhen);
    assert.deepEqual(best?.memory.provenance, { taskId: 'onboarding:northwind', turn: 2, seq: 6 });
    assert.ok(found.every(({ memory: { subject } }) => subject === 'northwind'));
    assert.ok(found.some(({ memory: { kind, data } }) => kind === 'progress' && data?.['item'] === 's2'));
    const about = await ask(whatWasTried('acme', 'Did the upload of their contacts work?'));
    assert.match(about[0]?.memory.text ?? '', /no header row/);
  });

  it('"where was I" gives the state and the markers of one task, with links to plan item, turn and workflow', async () => {
    const found = await ask(whereWasI('onboarding:northwind'));
    const state = found.find(({ memory: { kind } }) => kind === 'state')?.memory;
    assert.match(
      state?.text ?? '',
      /Waiting at: Invite the team\. Because of: answer to "Which colleagues.*Done, 3 of 5: Create the account, Set up/s,
    );
    assert.deepEqual(
      [state?.data, state?.provenance.taskId],
      [{ status: 'waiting', item: 's3' }, 'onboarding:northwind'],
    );
    const marker = found.find(({ memory: { kind } }) => kind === 'progress')?.memory;
    assert.deepEqual(
      [marker?.data, marker?.provenance],
      [{ item: 's2' }, { taskId: 'onboarding:northwind', turn: 1, seq: 5 }],
    );
    assert.equal(found.length, 2, 'one state, however often it changed');
  });
});
