import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createOnboardingAgent } from '../../agents/onboarding/index.ts';
import type { Agent } from '../../agents/define-agent.ts';
import { isId } from '../../contracts/ids.ts';
import { startCustomerService, type CustomerService } from '../../examples/customer-service/index.ts';
import { readInput } from '../../examples/inputs/read-input.ts';
import { demoScript } from '../../examples/scripts/index.ts';
import { callNames, runLoop, toolContext } from './agent-loop.ts';

const input = await readInput(new URL('../../examples/inputs/onboarding.json', import.meta.url));
const colleagues = ['ana@crumb-and-co.example.com', 'ben@crumb-and-co.example.com'];
const answer = ({ question }: { readonly question: string }): string =>
  question.startsWith('Which plan') ? 'team' : `Please invite ${colleagues.join(' and ')}.`;
const live = {
  accountId: 'acc-1001',
  workspaceId: 'ws-1001',
  plan: 'team',
  rowsImported: 48,
  invited: colleagues,
  live: true,
};

describe('the onboarding agent with its script', () => {
  let folder: string;
  let service: CustomerService;
  let agent: Agent;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'onboarding-'));
    service = await startCustomerService({ dataDir: folder });
    agent = createOnboardingAgent({ customerServiceUrl: service.url });
  });
  afterEach(async () => {
    await service.close();
    await rm(folder, { recursive: true });
  });
  const fault = (body: object): Promise<Response> =>
    fetch(`${service.url}/faults`, { method: 'POST', body: JSON.stringify(body) });

  it('brings a customer live, asks only for what it does not know, and does nothing twice', async () => {
    const end = await runLoop({ agent, input, script: demoScript, answer });
    assert.equal(end.outcome, 'success');
    assert.deepEqual(end.result, live);
    assert.ok(agent.checkOutput(end.result).ok);
    assert.deepEqual(
      end.plan.map(({ status }) => status),
      end.plan.map(() => 'done'),
    );
    assert.equal(end.questions.length, 2);
    const { effects, duplicates } = service.ledger.summary();
    assert.deepEqual({ effects, duplicates }, { effects: 8, duplicates: 0 });
  });

  it('asks both questions in one turn and invites while the import runs', async () => {
    const names = callNames(await runLoop({ agent, input, script: demoScript, answer }));
    assert.ok(names.some((turn) => turn.join() === 'ask_user,ask_user'));
    assert.ok(names.some((turn) => turn.includes('start_data_import') && turn.includes('invite_colleague')));
  });

  for (const window of [1, 2, 4]) {
    it(`ends the same when only the last ${window} turns stay in the prompt`, async () => {
      const end = await runLoop({ agent, input, script: demoScript, answer, window });
      assert.deepEqual(end.result, live);
      assert.equal(service.ledger.summary().duplicates, 0);
    });
  }

  it('goes on from what exists when it is started for the same customer again', async () => {
    await runLoop({ agent, input, script: demoScript, answer });
    const again = await runLoop({ agent, input, script: demoScript, answer });
    assert.deepEqual(again.result, live);
    assert.equal(service.ledger.summary().duplicates, 0);
  });

  it('asks a customer who has a plan already for the colleagues only', async () => {
    const post = (path: string, body: object, method = 'POST'): Promise<Response> =>
      fetch(`${service.url}${path}`, { method, body: JSON.stringify(body) });
    const { company, contact, country, size } = Object(input);
    await post('/accounts', { company, contact, country, size });
    await post('/accounts/acc-1001/workspaces', { name: company });
    await post('/workspaces/ws-1001/plan', { plan: 'business' }, 'PUT');
    const end = await runLoop({ agent, input, script: demoScript, answer });
    assert.deepEqual(end.result, { ...live, plan: 'business' });
    assert.equal(end.questions.length, 1);
    assert.equal(service.ledger.summary().duplicates, 0);
  });

  it('asks again when an answer names no plan', async () => {
    const answers = ['the blue one', 'business or team', 'team'];
    const end = await runLoop({
      agent,
      input,
      script: demoScript,
      answer: (asked) => (asked.choices ? (answers.shift() ?? '') : answer(asked)),
    });
    assert.deepEqual(end.result, live);
  });

  it('asks where the data is when the import fails', async () => {
    const end = await runLoop({
      agent,
      input: { ...Object(input), data: 'lost.csv' },
      script: demoScript,
      answer: (asked) => (asked.question.startsWith('Where is the data') ? 'crumb-and-co.csv, sorry' : answer(asked)),
    });
    assert.deepEqual(end.result, live);
    assert.ok(end.questions.some(({ question }) => question.includes('lost.csv')));
  });

  it('reports to the customer what is not possible and skips it when told to', async () => {
    const end = await runLoop({
      agent,
      input: { ...Object(input), plan: 'starter', colleagues: [...colleagues, 'cem@crumb-and-co.example.com'] },
      script: demoScript,
      answer: () => 'skip',
    });
    assert.deepEqual(end.result, { ...live, plan: 'starter', invited: colleagues });
    assert.match(end.questions[0]?.question ?? '', /seats/);
  });

  it('ends as a failure with what there is when it is told to stop', async () => {
    await fault({ kind: 'status', status: 409, pathPrefix: '/workspaces/ws-1001/go-live', method: 'POST', times: 5 });
    const reply = (asked: { question: string; choices?: readonly string[] }): string =>
      asked.choices?.includes('stop') ? 'stop' : answer(asked);
    const end = await runLoop({ agent, input, script: demoScript, answer: reply });
    assert.equal(end.outcome, 'failure');
    assert.ok(agent.checkOutput(end.result).ok);
    assert.deepEqual(end.result, { ...live, live: false });
  });

  it('looks at the workspace before it acts after a pause', async () => {
    const content = 'Note: The task was paused (holidays) for 12 days and resumed by person mira.';
    const end = await runLoop({ agent, input, script: demoScript, answer, says: { 5: { role: 'system', content } } });
    assert.deepEqual(callNames(end)[5], ['get_workspace']);
    assert.deepEqual(end.result, live);
  });

  it('takes an answer that came as a message', async () => {
    let silent = 1;
    const content =
      '[person mira@crumb-and-co.example.com, 2026-01-02T03:04:05.000Z]\nAnswer to "Which plan suits Crumb and Co?": team';
    const end = await runLoop({
      agent,
      input,
      script: demoScript,
      answer: (asked) => {
        if (!asked.choices) return answer(asked);
        silent -= 1;
        return silent === 0 ? 'No answer yet; question q1 stays open. A message came meanwhile.' : 'starter';
      },
      says: { 5: { role: 'user', content } },
    });
    assert.deepEqual(end.result, live);
  });

  it('hands the idempotency key on, refuses what the service rejects and throws what may pass', async () => {
    const tool = (name: string) => {
      const found = agent.tools.find(({ spec }) => spec.name === name);
      assert.ok(found);
      return found;
    };
    const run = async (name: string, args: object, key = 'key-1'): Promise<unknown> => {
      const bound = tool(name).bind(JSON.stringify(args));
      assert.ok(bound.ok);
      return bound.run(toolContext({ idempotencyKey: key }));
    };
    const account = { company: 'Example', contact: { name: 'A', email: 'a@example.com' }, country: 'DE', size: 3 };
    assert.deepEqual(await run('create_account', account), await run('create_account', account));
    await assert.rejects(run('create_workspace', { accountId: 'acc-9', name: 'x' }), { name: 'ToolRefusal' });
    await fault({ kind: 'status', status: 503 });
    await assert.rejects(run('list_plans', {}), { name: 'Error', message: /503/ });
    await fault({ kind: 'drop' });
    await assert.rejects(run('create_workspace', { accountId: 'acc-1001', name: 'x' }, 'key-2'), /no answer/);
    assert.deepEqual(await run('create_workspace', { accountId: 'acc-1001', name: 'x' }, 'key-2'), {
      workspaceId: 'ws-1001',
      accountId: 'acc-1001',
      name: 'x',
    });
    assert.equal(service.ledger.summary().duplicates, 0);
  });
});

describe('the onboarding input', () => {
  const agent = createOnboardingAgent({ customerServiceUrl: 'http://localhost:1' });
  const open = (changes: object) => agent.open({ ...Object(input), ...changes });

  it('gives a subject in the alphabet of ids, whatever the company is called', () => {
    for (const company of ['Crumb and Co', 'Bäckerei Ähre', 'A & B', 'A + B', '東京', '!!!', 'x'.repeat(200)]) {
      const opened = open({ company });
      assert.ok(opened.ok);
      assert.ok(isId(opened.value.subject ?? ''), company);
    }
    const subjects = ['A & B', 'A + B', 'A B'].map((company) => {
      const opened = open({ company });
      return opened.ok ? opened.value.subject : '';
    });
    assert.equal(new Set(subjects).size, 3);
  });

  it('names the field that does not fit', () => {
    const opened = open({ contact: { name: 'Mira', email: 'nowhere' } });
    assert.ok(!opened.ok);
    assert.match(opened.problem, /contact\.email/);
  });

  it('keeps a company name from adding lines to the goal', () => {
    assert.ok(!open({ company: 'Example\nPlan:' }).ok);
  });
});
