import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import type { Account, BudgetLedger, Cost, Limits, TenantBudget } from '../../contracts/budget.ts';
import { createBudgetLedger } from '../../memory/budget/budget-ledger.ts';
import { useTestRedis } from '../support/test-redis.ts';

const { redis } = await useTestRedis();

let ledger: BudgetLedger;

before(async () => {
  ledger = createBudgetLedger(redis, () => new Date('2026-11-24T12:00:00Z'));
});

const ROOT = { tenant: 'acme', taskId: 'digger:root' };
const CHILD = { tenant: 'acme', taskId: 'digger:child' };
const LIMITS: Limits = { tokens: 100, money: 1_000, turns: 10, activeMs: 60_000 };
const NOTHING = { tokens: 0, money: 0, turns: 0, activeMs: 0 };
const account = (spent: Partial<typeof NOTHING> = {}, task = ROOT, limits = LIMITS): Account => ({
  id: ROOT.taskId,
  limits,
  spent: [{ ...NOTHING, ...spent, task: task.taskId }],
});

interface Asked {
  readonly id: string;
  readonly tokens: number;
  readonly money?: number;
  readonly task?: typeof ROOT;
  readonly of?: Account;
  readonly tenantBudget?: TenantBudget;
}
const withTenant = (tenantBudget?: TenantBudget) => (tenantBudget === undefined ? {} : { tenantBudget });
const reserve = ({ id, tokens, money = 0, task = ROOT, of = account({}, task), tenantBudget }: Asked) =>
  ledger.reserve({
    task,
    id,
    account: of,
    wants: [{ tokens, money }],
    expiresInMs: 60_000,
    ...withTenant(tenantBudget),
  });
const settle = (id: string, cost: Cost, task = ROOT, tenantBudget?: TenantBudget) =>
  ledger.settle({ task, id, account: account({}, task), cost, ...withTenant(tenantBudget) });

test('what is reserved is not there for others, and what was not needed is there again', async () => {
  assert.equal((await reserve({ id: 'a', tokens: 70 })).kind, 'granted');
  assert.deepEqual(await reserve({ id: 'b', tokens: 40 }), {
    kind: 'refused',
    whose: 'task',
    unit: 'tokens',
    limit: 100,
    spent: 0,
    reserved: 70,
  });
  await settle('a', { tokens: 50, money: 0 });
  assert.equal((await reserve({ id: 'b', tokens: 40 })).kind, 'granted');
});

test('the second attempt of a call takes the place of the first', async () => {
  await reserve({ id: 'a', tokens: 90 });
  assert.equal((await reserve({ id: 'a', tokens: 90 })).kind, 'granted');
});

test('settling twice counts once', async () => {
  await reserve({ id: 'a', tokens: 70 });
  await settle('a', { tokens: 50, money: 0 });
  await settle('a', { tokens: 50, money: 0 });
  assert.equal((await reserve({ id: 'b', tokens: 50 })).kind, 'granted');
});

test('the first wish that fits is granted', async () => {
  const wants = [300, 150, 75].map((tokens) => ({ tokens, money: 0 }));
  const reserved = await ledger.reserve({ task: ROOT, id: 'a', account: account(), wants, expiresInMs: 60_000 });
  assert.deepEqual(reserved, { kind: 'granted', index: 2 });
});

test('a task and its sub-agents share one budget, of every unit', async () => {
  await reserve({ id: 'a', tokens: 60 });
  await settle('a', { tokens: 60, money: 900 });
  const refused = async (asked: Asked) => {
    const reserved = await reserve(asked);
    return reserved.kind === 'refused' ? reserved.unit : reserved.kind;
  };
  assert.equal(await refused({ id: 'b', tokens: 50, task: CHILD }), 'tokens');
  assert.equal(await refused({ id: 'b', tokens: 10, money: 200, task: CHILD }), 'money');
  assert.equal(await refused({ id: 'b', tokens: 10, of: account({ turns: 6 }) }), 'granted');
  assert.equal(await refused({ id: 'c', tokens: 1, task: CHILD, of: account({ turns: 5 }, CHILD) }), 'turns');
  await redis.flushall();
  assert.equal(await refused({ id: 'd', tokens: 1, of: account({ activeMs: 30_000 }) }), 'granted');
  assert.equal(
    await refused({ id: 'e', tokens: 1, task: CHILD, of: account({ activeMs: 30_000 }, CHILD) }),
    'activeMs',
  );
});

test('limits that were raised hold for all who share them, also for those who have not heard of it', async () => {
  await reserve({ id: 'a', tokens: 1, of: account({}, ROOT, { ...LIMITS, tokens: 500 }) });
  assert.equal((await reserve({ id: 'b', tokens: 300, task: CHILD })).kind, 'granted');
});

test('an accounting that lost everything learns from the workflows what they know to be spent', async () => {
  await reserve({ id: 'a', tokens: 60 });
  await settle('a', { tokens: 60, money: 0 });
  await redis.flushall();
  assert.equal((await reserve({ id: 'b', tokens: 50, of: account({ tokens: 60 }) })).kind, 'refused');
  assert.equal((await reserve({ id: 'b', tokens: 40, of: account({ tokens: 60 }) })).kind, 'granted');
});

test('a reservation that a dead worker left behind ends by itself', async () => {
  await ledger.reserve({ task: ROOT, id: 'a', account: account(), wants: [{ tokens: 90, money: 0 }], expiresInMs: -1 });
  assert.equal((await reserve({ id: 'b', tokens: 90 })).kind, 'granted');
});

test('all tasks of a tenant share its budget, which begins anew with each period', async () => {
  const tenantBudget = { period: 'day', tokens: 100, money: 0.001 } as const;
  const other = { tenant: 'acme', taskId: 'digger:other' };
  const otherAccount = { id: other.taskId, limits: LIMITS, spent: [] };
  assert.equal((await reserve({ id: 'a', tokens: 80, tenantBudget })).kind, 'granted');
  const asked = { id: 'b', tokens: 30, task: other, of: otherAccount, tenantBudget };
  const refused = await reserve(asked);
  assert.deepEqual(refused.kind === 'refused' && [refused.whose, refused.reserved], ['tenant', 80]);
  await settle('a', { tokens: 70, money: 900 }, ROOT, tenantBudget);
  assert.equal((await reserve(asked)).kind, 'granted');
  await ledger.settle({ task: other, id: 'b', account: otherAccount, tenantBudget, cost: { tokens: 30, money: 0 } });
  assert.equal((await reserve({ ...asked, id: 'c', tokens: 1 })).kind, 'refused');
  const tomorrow = createBudgetLedger(redis, () => new Date('2026-11-25T00:00:00Z'));
  const wants = [{ tokens: 70, money: 0 }];
  const next = { task: other, id: 'd', account: otherAccount, tenantBudget, wants, expiresInMs: 60_000 };
  assert.equal((await tomorrow.reserve(next)).kind, 'granted');
});

test('the account of an earlier task of the same id is forgotten', async () => {
  await reserve({ id: 'a', tokens: 100 });
  await ledger.remove(ROOT);
  assert.equal((await reserve({ id: 'b', tokens: 100 })).kind, 'granted');
});

test('no order of calls at once ever spends more than the budget', async () => {
  const call = fc.record({
    wish: fc.integer({ min: 1, max: 60 }),
    used: fc.double({ min: 0, max: 1, noNaN: true }),
    child: fc.boolean(),
    dies: fc.boolean(),
  });
  let tried = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 25 }), async (calls) => {
      tried += 1;
      const root = { tenant: 'acme', taskId: `digger:p${tried}` };
      const of: Account = { id: root.taskId, limits: { tokens: 100, turns: 10, activeMs: 60_000 }, spent: [] };
      let spent = 0;
      await Promise.all(
        calls.map(async ({ wish, used, child, dies }, index) => {
          const task = child ? { ...root, taskId: `${root.taskId}-c` } : root;
          const asked = { task, id: `${index}`, account: of };
          const reserved = await ledger.reserve({ ...asked, wants: [{ tokens: wish, money: 0 }], expiresInMs: 60_000 });
          if (reserved.kind === 'refused') return;
          const tokens = Math.floor(wish * used);
          spent += tokens;
          if (!dies) await ledger.settle({ ...asked, cost: { tokens, money: 0 } });
        }),
      );
      assert.ok(spent <= 100, `${spent} of 100`);
    }),
    { numRuns: 40 },
  );
});
