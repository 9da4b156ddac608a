import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { startCustomerService } from '../../examples/customer-service/index.ts';

const account = {
  company: 'Example Bakery',
  contact: { name: 'Mira Example', email: 'mira@bakery.example.com' },
  country: 'DE',
  size: 24,
};

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function send(
  url: string,
  method: string,
  path: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { body, headers = {} } = options;
  const response = await fetch(`${url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: Object(await response.json()) };
}

const key = (value: string): { readonly headers: { readonly 'idempotency-key': string } } => ({
  headers: { 'idempotency-key': value },
});

describe('the customer service', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'customer-service-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  async function withService<Value>(use: (url: string) => Promise<Value>, warnings: string[] = []): Promise<Value> {
    const service = await startCustomerService({ dataDir, warn: (message) => void warnings.push(message) });
    try {
      return await use(service.url);
    } finally {
      await service.close();
    }
  }

  it('gives the stored answer to a request that it has carried out, and does not do it again', () =>
    withService(async (url) => {
      const first = await send(url, 'POST', '/accounts', { body: account, ...key('one') });
      const again = await send(url, 'POST', '/accounts', { body: account, ...key('one') });
      assert.deepEqual(again, first);
      assert.deepEqual((await send(url, 'GET', '/ledger/summary')).body, { requests: 2, effects: 1, duplicates: 0 });
      const { entries } = (await send(url, 'GET', '/ledger')).body;
      assert.ok(Array.isArray(entries));
      assert.deepEqual(
        entries.map(({ outcome, idempotencyKey }) => [outcome, idempotencyKey]),
        [
          ['done', 'one'],
          ['repeated', 'one'],
        ],
      );
    }));

  it('does it once when the same request comes many times at once', () =>
    withService(async (url) => {
      const sent = Array.from({ length: 8 }, () => send(url, 'POST', '/accounts', { body: account, ...key('one') }));
      const answers = await Promise.all(sent);
      assert.equal(new Set(answers.map(({ body }) => body.accountId)).size, 1);
      assert.equal((await send(url, 'GET', '/ledger/summary')).body.effects, 1);
    }));

  it('shows as duplicates what was done twice under different keys', () =>
    withService(async (url) => {
      await send(url, 'POST', '/accounts', { body: account, ...key('one') });
      await send(url, 'POST', '/accounts', { body: account, ...key('two') });
      await send(url, 'POST', '/accounts', { body: account });
      assert.deepEqual((await send(url, 'GET', '/ledger/summary')).body, { requests: 3, effects: 3, duplicates: 2 });
    }));

  it('rejects a key that comes with another request', () =>
    withService(async (url) => {
      await send(url, 'POST', '/accounts', { body: account, ...key('one') });
      const other = await send(url, 'POST', '/accounts', { body: { ...account, size: 25 }, ...key('one') });
      assert.equal(other.status, 422);
    }));

  it('says which field is wrong, and what comes first', () =>
    withService(async (url) => {
      const bad = await send(url, 'POST', '/accounts', { body: { ...account, country: 'Germany' } });
      assert.deepEqual([bad.status, /country/.test(String(bad.body.error))], [422, true]);
      assert.equal((await send(url, 'POST', '/accounts', { body: 'no json' })).status, 422);
      assert.equal((await send(url, 'GET', '/nothing')).status, 404);
      assert.equal((await send(url, 'POST', '/accounts/acc-9/workspaces', { body: { name: 'x' } })).status, 404);
      await send(url, 'POST', '/accounts', { body: account });
      await send(url, 'POST', '/accounts/acc-1001/workspaces', { body: { name: 'x' } });
      for (const path of ['imports', 'invitations', 'first-report', 'go-live']) {
        const body = { source: 'crumb-and-co.csv', email: 'a@example.com' };
        const early = await send(url, 'POST', `/workspaces/ws-1001/${path}`, { body });
        assert.equal(early.status, 409, path);
      }
    }));

  it('imports in the background and reports rows and rejected rows', () =>
    withService(async (url) => {
      await send(url, 'POST', '/accounts', { body: account });
      await send(url, 'POST', '/accounts/acc-1001/workspaces', { body: { name: 'x' } });
      await send(url, 'PUT', '/workspaces/ws-1001/plan', { body: { plan: 'team' } });
      const started = await send(url, 'POST', '/workspaces/ws-1001/imports', { body: { source: 'crumb-and-co.csv' } });
      assert.deepEqual([started.status, started.body.status], [202, 'running']);
      let polls = 0;
      let seen = started;
      while (seen.body.status === 'running') {
        await new Promise((resolve) => setTimeout(resolve, 50));
        polls += 1;
        seen = await send(url, 'GET', `/imports/${String(started.body.importId)}`);
      }
      assert.ok(polls >= 3);
      assert.deepEqual([seen.body.status, seen.body.rows], ['done', 48]);
      assert.deepEqual(seen.body.rejectedRows, [
        { line: 19, problem: 'no e-mail address' },
        { line: 40, problem: 'no e-mail address' },
      ]);
    }));

  it('lets no import name a file outside the uploads', () =>
    withService(async (url) => {
      await send(url, 'POST', '/accounts', { body: account });
      await send(url, 'POST', '/accounts/acc-1001/workspaces', { body: { name: 'x' } });
      await send(url, 'PUT', '/workspaces/ws-1001/plan', { body: { plan: 'team' } });
      await send(url, 'POST', '/workspaces/ws-1001/imports', { body: { source: '../../../package.json' } });
      await new Promise((resolve) => setTimeout(resolve, 300));
      const failed = await send(url, 'GET', '/imports/imp-1001');
      assert.deepEqual([failed.body.status, /uploaded/.test(String(failed.body.error))], ['failed', true]);
    }));

  it('knows after a restart everything that it had answered', async () => {
    await withService((url) => send(url, 'POST', '/accounts', { body: account, ...key('one') }));
    await withService(async (url) => {
      const again = await send(url, 'POST', '/accounts', { body: account, ...key('one') });
      assert.equal(again.body.accountId, 'acc-1001');
      const found = await send(url, 'GET', `/accounts?email=${account.contact.email}`);
      assert.ok(Array.isArray(found.body.accounts) && found.body.accounts.length === 1);
      assert.deepEqual((await send(url, 'GET', '/ledger/summary')).body, { requests: 3, effects: 1, duplicates: 0 });
    });
  });

  it('drops a last line that a crash tore, with a warning, and goes on', async () => {
    await withService((url) => send(url, 'POST', '/accounts', { body: account }));
    const file = join(dataDir, 'ledger.jsonl');
    await appendFile(file, '{"number":2,"method":"PO');
    const warnings: string[] = [];
    await withService(async (url) => {
      assert.equal((await send(url, 'POST', '/accounts', { body: account })).body.accountId, 'acc-1002');
    }, warnings);
    assert.match(warnings.join(), /torn/);
    assert.equal((await readFile(file, 'utf8')).trimEnd().split('\n').length, 2);
  });

  it('does not start on a log that is damaged before its end', async () => {
    await writeFile(join(dataDir, 'ledger.jsonl'), '{"number":1}\n{"number":2}\n');
    await assert.rejects(startCustomerService({ dataDir }), /line 1 cannot be read/);
  });

  it('fails, delays and drops when told to', () =>
    withService(async (url) => {
      await send(url, 'POST', '/faults', { body: { kind: 'status', status: 503, times: 2, method: 'POST' } });
      const statuses = [];
      for (let index = 0; index < 3; index += 1) {
        statuses.push((await send(url, 'POST', '/accounts', { body: account, ...key('one') })).status);
      }
      assert.deepEqual(statuses, [503, 503, 201]);
      const begun = Date.now();
      await send(url, 'GET', '/plans', { headers: { 'x-fault': 'delay:120' } });
      assert.ok(Date.now() - begun >= 115);
      const headers = { 'x-fault': 'drop', 'idempotency-key': 'two' };
      await assert.rejects(send(url, 'POST', '/accounts', { body: { ...account, company: 'Other' }, headers }));
      const after = await send(url, 'POST', '/accounts', { body: { ...account, company: 'Other' }, ...key('two') });
      assert.equal(after.body.accountId, 'acc-1002');
      assert.equal((await send(url, 'GET', '/ledger/summary')).body.duplicates, 0);
    }));

  it('runs as a process of its own, survives SIGKILL with what it answered, and ends cleanly on SIGTERM', async () => {
    const main = join(import.meta.dirname, '../../examples/customer-service/main.ts');
    const start = async (): Promise<{ child: ChildProcess; url: string }> => {
      const child = spawn(process.execPath, ['--import', 'tsx', main, '--port', '0', '--data', dataDir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = await once(child.stdout, 'data');
      return { child, url: JSON.parse(String(line)).url };
    };
    const first = await start();
    await send(first.url, 'POST', '/accounts', { body: account, ...key('one') });
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = await start();
    const again = await send(second.url, 'POST', '/accounts', { body: account, ...key('one') });
    assert.equal(again.body.accountId, 'acc-1001');
    second.child.kill('SIGTERM');
    const [code] = await once(second.child, 'exit');
    assert.equal(code, 0);
  });
});
