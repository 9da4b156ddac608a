import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Agent } from '../../agents/define-agent.ts';
import { checksumOf, mismatchOf, nextBatch, totalsOf } from '../../agents/migration/batch.ts';
import type { Batch } from '../../agents/migration/batch.ts';
import {
  createFileJournal,
  createHttpStore,
  createJsonLinesStore,
  createMigrationAgent,
  RecordRefusal,
} from '../../agents/migration/index.ts';
import type {
  MigrationJournal,
  MigrationOptions,
  RecordTarget,
  RecordWrite,
  StoredRecord,
} from '../../agents/migration/index.ts';
import { moveBatch, rollBackBatch } from '../../agents/migration/move-batch.ts';
import type { Migration } from '../../agents/migration/move-batch.ts';
import { BAD_LINES, customerLines, startRecordService } from '../../examples/record-service/index.ts';
import type { RecordService } from '../../examples/record-service/index.ts';
import { demoScript } from '../../examples/scripts/index.ts';
import { callNames, runLoop, toolContext } from './agent-loop.ts';

const INPUT = { purpose: 'the bakery changes its customer system', contact: 'operations@example.com' };
const SIGNAL = AbortSignal.timeout(60_000);

let folder: string;
let service: RecordService;
let migration: Migration & Pick<MigrationOptions, 'batchSize'>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migration-'));
  service = await startRecordService({ dataDir: join(folder, 'service') });
  await writeFile(join(folder, 'customers.jsonl'), customerLines(160));
  migration = {
    name: 'test',
    source: createJsonLinesStore({ file: join(folder, 'customers.jsonl') }),
    target: createHttpStore({ url: service.url }),
    journal: createFileJournal({ file: join(folder, 'journal.jsonl') }),
    batchSize: 25,
  };
});
afterEach(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

const fault = (body: object): Promise<Response> =>
  fetch(`${service.url}/faults`, { method: 'POST', body: JSON.stringify(body) });

/** Moves to the end, whatever stops in between: each attempt begins anew, as after a crash. */
async function moveAll(given: Migration, signal = SIGNAL): Promise<readonly Batch[]> {
  for (;;) {
    const { batches } = await given.journal.load();
    const next = nextBatch(batches);
    if (next.kind === 'end') return batches;
    if (next.kind === 'stuck') await rollBackBatch(given, next.batch, signal);
    else await moveBatch(given, next, signal).catch((error: unknown) => assert.match(String(error), /cut off/));
  }
}

describe('the migration agent with its script', () => {
  const agentWith = (more: Partial<MigrationOptions> = {}): Agent => createMigrationAgent({ ...migration, ...more });

  it('moves everything, asks at the threshold, rolls one batch back, and counts exactly', async () => {
    await fault({ lose: 'cafe-60' });
    const agent = agentWith({ errorLimit: 4 });
    const end = await runLoop({ agent, input: INPUT, script: demoScript });
    assert.equal(end.outcome, 'success');
    const { errors, ...counts } = Object(end.result);
    assert.deepEqual(counts, {
      read: 160,
      moved: 153,
      present: 0,
      refused: 7,
      batches: 7,
      rolledBack: [3],
      missing: 0,
      twice: 0,
      different: 0,
    });
    assert.deepEqual(
      errors.map(({ at }: { at: string }) => at),
      Object.keys(BAD_LINES).map((line) => `line ${line}`),
    );
    const { rows, twice } = service.summary();
    assert.deepEqual({ rows, twice }, { rows: 153, twice: 0 });
    const names = callNames(end).flat();
    assert.deepEqual(
      names.filter((name) => name === 'roll_back_batch' || name === 'allow_errors'),
      ['roll_back_batch', 'allow_errors'],
    );
  });

  it('stops for good when a person does not allow the errors, and goes on days later from its marker', async () => {
    const agent = agentWith({ errorLimit: 1 });
    const refused = await runLoop({
      agent,
      input: INPUT,
      script: demoScript,
      reject: () => 'mend them first',
      answer: () => 'stop',
    });
    assert.equal(refused.outcome, 'failure');
    assert.match(refused.reason ?? '', /mend them first/);
    const before = service.summary();
    assert.equal(before.rows, 48);

    const later = await runLoop({ agent: agentWith({ errorLimit: 1 }), input: INPUT, script: demoScript });
    assert.equal(later.outcome, 'success');
    assert.deepEqual(
      { moved: Object(later.result).moved, batches: Object(later.result).batches },
      { moved: 153, batches: 7 },
    );
    assert.equal(service.summary().created, 153);
  });

  it('lets no result pass whose numbers are not the journal’s', async () => {
    const agent = agentWith({ errorLimit: 100 });
    const end = await runLoop({ agent, input: INPUT, script: demoScript });
    const context = { task: toolContext().task, memory: toolContext().memory };
    assert.equal(await agent.checkResult(end.result, context), undefined);
    const problem = await agent.checkResult({ ...Object(end.result), moved: 160, refused: 0 }, context);
    assert.match(problem ?? '', /moved 153, refused 7/);
  });

  it('needs a yes for what changes the target or the rules, and for nothing else', () => {
    const approvals = agentWith().tools.map(({ description: { name, approval } }) => [name, approval]);
    assert.deepEqual(Object.fromEntries(approvals), {
      inspect_migration: 'never',
      roll_back_batch: 'always',
      allow_errors: 'always',
      move_records: 'never',
      verify_migration: 'never',
    });
  });

  it('refuses settings that make no sense', () => {
    assert.throws(() => agentWith({ batchSize: 0 }), /batchSize 0/);
    assert.throws(() => agentWith({ name: 'a b' }), /name is an id/);
  });
});

describe('a batch', () => {
  /** A target that is cut off after so many calls. */
  const cutOffAfter = (calls: number, whole: RecordTarget = migration.target): RecordTarget => {
    let left = calls;
    const guard = <Args extends readonly unknown[], Result>(work: (...args: Args) => Promise<Result>) => {
      return async (...args: Args): Promise<Result> => {
        left -= 1;
        if (left < 0) throw new Error('cut off');
        const result = await work(...args);
        // The answer may be lost although the work is done.
        if (left === 0) throw new Error('cut off');
        return result;
      };
    };
    return {
      name: whole.name,
      find: guard((keys: readonly string[], signal: AbortSignal) => whole.find(keys, signal)),
      put: guard((record: StoredRecord, write: RecordWrite) => whole.put(record, write)),
      remove: guard((key: string, write: RecordWrite) => whole.remove(key, write)),
    };
  };

  it('that was cut off anywhere is finished: no record is lost and none is there twice', async () => {
    await writeFile(join(folder, 'customers.jsonl'), customerLines(20));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.uuid(),
        async (cuts, batchSize, run) => {
          const own = await startRecordService({ dataDir: join(folder, run) });
          const target = createHttpStore({ url: own.url });
          const journal = createFileJournal({ file: join(folder, `${run}.journal`) });
          const whole: Migration = { ...migration, target, journal, batchSize, name: run };
          for (const cut of cuts) {
            const { batches } = await journal.load();
            const next = nextBatch(batches);
            if (next.kind === 'end' || next.kind === 'stuck') continue;
            await moveBatch({ ...whole, target: cutOffAfter(cut, target) }, next, SIGNAL).catch(() => undefined);
          }
          const batches = await moveAll(whole);
          const { read, moved, present, refused } = totalsOf(batches);
          assert.deepEqual({ read, moved, present, refused }, { read: 20, moved: 19, present: 0, refused: 1 });
          const { rows, created, twice } = own.summary();
          assert.deepEqual({ rows, created, twice }, { rows: 19, created: 19, twice: 0 });
          await own.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('whose write was acknowledged and lost does not verify; rolled back, it is done again', async () => {
    await fault({ lose: 'cafe-3' });
    const lost = await moveBatch(migration, { kind: 'new', number: 1 }, SIGNAL);
    assert.equal(lost.status, 'mismatch');
    assert.equal(lost.mismatch, '1 missing (cafe-3)');
    const rolledBack = await rollBackBatch(migration, lost, SIGNAL);
    assert.equal(service.summary().rows, 0);
    const again = await moveBatch(migration, { kind: 'again', batch: rolledBack }, SIGNAL);
    assert.deepEqual([again.status, again.round, again.number], ['verified', 2, 1]);
    assert.equal(service.summary().rows, 24);
  });

  it('leaves alone what the target had before, also when it is rolled back', async () => {
    const { target } = migration;
    const write = (idempotencyKey: string) => ({ idempotencyKey, signal: SIGNAL });
    const same = { name: 'Café 1', email: 'cafe-1@example.com', tour: 'Old town' };
    await target.put({ key: 'cafe-1', value: same }, write('before-1'));
    await target.put({ key: 'cafe-2', value: { name: 'Another', email: 'b@example.com' } }, write('before-2'));
    const batch = await moveBatch(migration, { kind: 'new', number: 1 }, SIGNAL);
    assert.deepEqual([batch.status, batch.present, batch.keys.length], ['verified', 1, 22]);
    assert.deepEqual(
      batch.errors.map(({ at }) => at),
      ['line 17', 'line 2'],
    );
    await rollBackBatch(migration, batch, SIGNAL);
    const left = await target.find(['cafe-1', 'cafe-2', 'cafe-3'], SIGNAL);
    assert.deepEqual(
      left.map(({ key }) => key),
      ['cafe-1', 'cafe-2'],
    );
  });

  it('of a source that has changed under it is not finished blindly', async () => {
    const cut = { ...migration, target: cutOffAfter(5) };
    await assert.rejects(moveBatch(cut, { kind: 'new', number: 1 }, SIGNAL), /cut off/);
    const lines = customerLines(160).split('\n');
    await writeFile(join(folder, 'customers.jsonl'), [lines[0], ...lines.slice(3)].join('\n'));
    const next = nextBatch((await migration.journal.load()).batches);
    assert.ok(next.kind === 'again');
    await assert.rejects(moveBatch(migration, next, SIGNAL), /has changed: cafe-2, cafe-3 is gone/);
  });

  it('carries what the transform makes of records, and leaves behind what it refuses', async () => {
    const upper: Migration = {
      ...migration,
      transform: ({ key, value }) => {
        if (key === 'cafe-5') throw new RecordRefusal('closed for good');
        return { key: key.toUpperCase(), value };
      },
    };
    const batch = await moveBatch(upper, { kind: 'new', number: 1 }, SIGNAL);
    assert.equal(batch.status, 'verified');
    assert.ok(batch.errors.some(({ at, problem }) => at === 'line 5' && problem === 'closed for good'));
    assert.equal((await upper.target.find(['CAFE-1'], SIGNAL)).length, 1);
  });

  it('fails, and is tried again, when the target is broken', async () => {
    await fault({ fail: 2 });
    await assert.rejects(moveBatch(migration, { kind: 'new', number: 1 }, SIGNAL), /answered 503/);
    assert.equal((await migration.journal.load()).batches.length, 0);
  });
});

describe('the bookkeeping of batches', () => {
  const status = fc.constantFrom('open', 'verified', 'mismatch', 'rolled-back');
  const batch = fc.record({
    status,
    keys: fc.array(fc.string(), { maxLength: 4 }),
    present: fc.nat(3),
    errors: fc.array(fc.record({ at: fc.string(), problem: fc.string() }), { maxLength: 3 }),
  });
  const batches = fc.array(batch, { maxLength: 8 }).map((made): Batch[] =>
    made.map(({ keys, present, errors, status: given }, index) => ({
      number: index + 1,
      ...(index === 0 ? {} : { from: `m${index}` }),
      ...(index === made.length - 1 ? {} : { next: `m${index + 1}` }),
      status: given === 'open' || given === 'mismatch' || given === 'rolled-back' ? given : 'verified',
      round: 1,
      read: keys.length + present + errors.length,
      keys,
      present,
      errors,
    })),
  );

  it('adds up: what was read is moved, present or refused once every batch is verified', () => {
    fc.assert(
      fc.property(batches, (made) => {
        const { read, moved, present, refused } = totalsOf(
          made.map((one) => ({ ...one, status: 'verified' as const })),
        );
        assert.equal(read, moved + present + refused);
      }),
    );
  });

  it('never goes beyond a batch that is not verified, and ends only when all are', () => {
    fc.assert(
      fc.property(batches, (made) => {
        const next = nextBatch(made);
        const unsettled = made.filter((one) => one.status !== 'verified');
        if (next.kind === 'end') assert.ok(made.length > 0 && unsettled.length === 0);
        if (next.kind === 'new') assert.deepEqual([next.number, unsettled.length], [made.length + 1, 0]);
        if (next.kind === 'again' || next.kind === 'stuck') assert.ok(unsettled.includes(next.batch));
      }),
    );
  });

  it('knows the same records by the same checksum, in whatever order, and others by another', () => {
    const value = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean()), { maxKeys: 4 });
    const records = fc.uniqueArray(fc.record({ key: fc.string(), value }), {
      selector: ({ key }) => key,
      maxLength: 6,
    });
    fc.assert(
      fc.property(records, (made) => {
        const shuffled = made.toReversed().map(({ key, value: fields }) => ({
          key,
          value: Object.fromEntries(Object.entries(fields).toReversed()),
        }));
        assert.equal(checksumOf(shuffled), checksumOf(made));
        assert.equal(mismatchOf(made, shuffled), undefined);
        const [first, ...rest] = made;
        if (!first) return;
        assert.notEqual(checksumOf(rest), checksumOf(made));
        assert.match(mismatchOf(made, rest) ?? '', /1 missing/);
        assert.match(mismatchOf(made, [...made, first]) ?? '', /1 twice/);
        const changed = { ...first, value: { ...first.value, 'one more': true } };
        assert.match(mismatchOf(made, [changed, ...rest]) ?? '', /1 different/);
      }),
    );
  });
});

describe('a journal', () => {
  const save = (journal: MigrationJournal, errors: number): Promise<void> =>
    journal.save({ type: 'allowed-errors', errors, reason: 'test', at: '2026-01-01T00:00:00.000Z' });

  it('drops a last line that a crash tore, and goes on', async () => {
    const file = join(folder, 'torn.jsonl');
    const journal = createFileJournal({ file });
    await save(journal, 3);
    await appendFile(file, '{"type":"batch","ba');
    assert.deepEqual(await journal.load(), { batches: [], allowedErrors: 3 });
    await save(journal, 5);
    assert.deepEqual(await journal.load(), { batches: [], allowedErrors: 5 });
  });

  it('that is damaged before its end is not believed', async () => {
    const file = join(folder, 'damaged.jsonl');
    await writeFile(file, 'nonsense\n');
    await assert.rejects(createFileJournal({ file }).load(), /line 1 cannot be read; restore the journal/);
  });
});

describe('a store of JSON lines', () => {
  it('takes records, each key once, and gives them up', async () => {
    const file = join(folder, 'target.jsonl');
    const store = createJsonLinesStore({ file });
    const write = { idempotencyKey: 'k', signal: SIGNAL };
    await Promise.all(['a', 'b', 'a'].map((key) => store.put({ key, value: { n: 1 } }, write)));
    assert.deepEqual((await store.find(['a', 'b', 'c'], SIGNAL)).map(({ key }) => key).toSorted(), ['a', 'b']);
    await store.remove('a', write);
    await store.remove('c', write);
    assert.equal(await readFile(file, 'utf8'), '{"n":1,"id":"b"}\n');
  });

  it('can be the target, and the service the source', async () => {
    await moveAll(migration);
    const file = join(folder, 'back.jsonl');
    const back: Migration = {
      ...migration,
      name: 'back',
      source: createHttpStore({ url: service.url }),
      target: createJsonLinesStore({ file }),
      journal: createFileJournal({ file: join(folder, 'back.journal') }),
    };
    const { moved, refused } = totalsOf(await moveAll(back));
    assert.deepEqual({ moved, refused }, { moved: 153, refused: 0 });
    assert.equal((await readFile(file, 'utf8')).trimEnd().split('\n').length, 153);
  });
});
