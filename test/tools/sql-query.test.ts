import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { createSqlQueryTool } from '../../tools/builtin/index.ts';
import type { SqlQueryOptions } from '../../tools/builtin/index.ts';
import { kindOfSql } from '../../tools/builtin/sql/read-only-sql.ts';
import { isForTheModel } from '../../tools/builtin/sql/sql-errors.ts';
import type { RunningPostgres } from '../support/postgres.ts';
import { administer, startPostgres, withoutPostgres } from '../support/postgres.ts';
import { runForObject, runTool } from '../support/run-tool.ts';

/** Each would change something, or might. */
const WRITING = [
  'INSERT INTO orders VALUES (9, 9, now(), NULL)',
  'UPDATE orders SET total = 0',
  'DELETE FROM orders',
  'MERGE INTO orders USING orders AS o ON orders.id = o.id WHEN MATCHED THEN DELETE',
  'TRUNCATE orders',
  'DROP TABLE orders',
  'CREATE TABLE x (id int)',
  'CREATE TABLE x AS SELECT * FROM orders',
  'SELECT * INTO x FROM orders',
  'WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone',
  'WITH RECURSIVE a AS (SELECT 1), b AS (INSERT INTO orders VALUES (9) RETURNING id) SELECT * FROM a, b',
  'SELECT * FROM orders FOR UPDATE',
  'SELECT * FROM (SELECT * FROM orders FOR SHARE) AS held',
  'EXPLAIN ANALYZE SELECT 1',
  'EXPLAIN (ANALYZE true) SELECT 1',
  'EXPLAIN DELETE FROM orders',
  "COPY orders TO PROGRAM 'cat'",
  "COPY (SELECT 1) TO '/tmp/x'",
  'DO $$ BEGIN DELETE FROM orders; END $$',
  'CALL change_all()',
  'SET transaction_read_only = off',
  'SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE',
  'BEGIN READ WRITE',
  'COMMIT',
  'COMMIT; DELETE FROM orders',
  'SELECT 1; DELETE FROM orders',
  'PREPARE p AS DELETE FROM orders',
  'EXECUTE p',
  'LISTEN x',
  'NOTIFY x',
  'LOCK TABLE orders',
  'VACUUM',
  'GRANT ALL ON orders TO PUBLIC',
  'ALTER SYSTEM SET fsync = off',
  "LOAD 'x'",
  '',
  '-- nothing',
];

describe('what a text of SQL can do', () => {
  for (const sql of WRITING) {
    it(`is refused where it might change something: ${sql || '(empty)'}`, async () => {
      assert.equal((await kindOfSql(sql)).kind, 'refused');
    });
  }

  for (const [sql, kind] of [
    ['SELECT 1', 'query'],
    ['select * from orders; -- and a remark', 'query'],
    ['VALUES (1), (2)', 'query'],
    ['TABLE orders', 'query'],
    ['WITH a AS (SELECT 1) SELECT * FROM a UNION SELECT 2', 'query'],
    ["SELECT 'DELETE FROM orders; DROP TABLE orders'", 'query'],
    ['SELECT "update" FROM "delete"', 'query'],
    ['EXPLAIN SELECT 1', 'explain'],
    ['EXPLAIN (FORMAT json) SELECT 1', 'explain'],
    ['SHOW server_version', 'show'],
  ] as const) {
    it(`is reading: ${sql}`, async () => assert.equal((await kindOfSql(sql)).kind, kind));
  }

  it('is told with the reason, and what is no SQL with the place', async () => {
    const told = async (sql: string): Promise<string> => {
      const kind = await kindOfSql(sql);
      assert.ok(kind.kind === 'refused');
      return kind.problem;
    };
    assert.match(await told('DELETE FROM orders'), /^DELETE is refused/);
    assert.match(await told('DROP TABLE orders'), /^DROP is refused: only SELECT/);
    assert.match(await told('SELECT 1; SELECT 2'), /One statement at a time; these are 2/);
    assert.match(await told('SELEC 1'), /not valid SQL: syntax error at or near "SELEC"/);
  });

  it('is one statement, without what follows it', async () => {
    const kind = await kindOfSql("  SELECT 'ü;' ; ");
    assert.ok(kind.kind === 'query');
    assert.equal(kind.text.trim(), "SELECT 'ü;'");
  });

  it('is decided for any text, without an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async (text) => {
        assert.ok((await kindOfSql(text)).kind);
      }),
      { numRuns: 100 },
    );
  });
});

describe('what a server’s error is', () => {
  it('is for the model where a better statement mends it, and for Temporal where the database is away', () => {
    for (const code of ['42P01', '42601', '22012', '25006', '57014', '42501']) assert.ok(isForTheModel({ code }), code);
    for (const code of ['08006', '57P01', '53300', '28P01', '40001', 'XX000', 'ECONNREFUSED']) {
      assert.ok(!isForTheModel({ code }), code);
    }
  });
});

describe('sql_query on a real server', { skip: withoutPostgres() }, () => {
  let server: RunningPostgres;
  before(async () => {
    server = await startPostgres();
    await administer(
      server.url,
      `CREATE TABLE orders (id int, total numeric(10,2), at timestamptz, note text);
       INSERT INTO orders SELECT n, n * 1.5, '2026-01-01T00:00:00Z', CASE WHEN n % 2 = 0 THEN 'even' END
         FROM generate_series(1, 500) AS n;
       CREATE SEQUENCE numbers;
       CREATE FUNCTION change_quietly() RETURNS int LANGUAGE sql AS 'DELETE FROM orders; SELECT 1';
       CREATE FUNCTION pretends_to_read() RETURNS int STABLE LANGUAGE plpgsql
         AS 'BEGIN EXECUTE ''DELETE FROM orders''; RETURN 1; END';`,
    );
  });
  after(() => server.stop());
  const toolFor = (more: Partial<SqlQueryOptions> = {}) =>
    createSqlQueryTool({ connection: () => server.url, about: 'A shop.', ...more });
  const ask = (sql: string, more: Partial<SqlQueryOptions> = {}) => runForObject(toolFor(more), { sql });
  const countOfOrders = async () =>
    Object((await administer(server.url, 'SELECT count(*)::int AS n FROM orders'))[0]).n;

  it('answers columns and rows, in the types that JSON has', async () => {
    assert.deepEqual(
      await ask('SELECT id, total, at, note, note IS NULL AS empty FROM orders WHERE id < 3 ORDER BY id'),
      {
        columns: ['id', 'total', 'at', 'note', 'empty'],
        rows: [
          [1, '1.50', '2026-01-01 00:00:00+00', null, true],
          [2, '3.00', '2026-01-01 00:00:00+00', 'even', false],
        ],
        more: false,
      },
    );
    assert.deepEqual((await ask(`SELECT '{"a":[1]}'::jsonb AS j, 2::bigint AS big`)).rows, [[{ a: [1] }, '2']]);
  });

  it('answers no more rows than it may, and says so', async () => {
    const some = await ask('SELECT * FROM orders;', { mostRows: 3 });
    assert.deepEqual([Object(some.rows).length, some.more], [3, true]);
    assert.equal((await ask('SELECT * FROM orders WHERE id <= 3', { mostRows: 3 })).more, false);
  });

  it('explains and shows', async () => {
    assert.match(JSON.stringify((await ask('EXPLAIN SELECT * FROM orders')).rows), /Seq Scan on orders/);
    assert.deepEqual((await ask('SHOW transaction_read_only')).rows, [['on']]);
  });

  it('changes nothing, whatever it is asked', async () => {
    for (const sql of WRITING.filter((text) => text !== '')) {
      await assert.rejects(runTool(toolFor(), { sql }), { name: 'ToolRefusal' }, sql);
    }
    assert.equal(await countOfOrders(), 500);
  });

  it('refuses functions that may change something, and calls harmless ones', async () => {
    const volatile = [
      "SELECT nextval('numbers')",
      'SELECT change_quietly()',
      'SELECT pg_sleep(1)',
      'SELECT pg_terminate_backend(1)',
      'SELECT pg_advisory_lock(1)',
      "SELECT set_config('transaction_read_only', 'off', false)",
      "SELECT pg_read_file('/etc/passwd')",
      "SELECT * FROM pg_ls_dir('/')",
      "SELECT lo_import('/etc/passwd')",
      "SELECT query_to_xml('DELETE FROM orders', true, false, '')",
      'SELECT pg_catalog.pg_reload_conf()',
      "SELECT id FROM orders ORDER BY setval('numbers', 5)",
    ];
    for (const sql of volatile) {
      await assert.rejects(runTool(toolFor(), { sql }), { name: 'ToolRefusal', message: /may change something/ }, sql);
    }
    assert.equal(
      Object((await ask('SELECT random() < 2, lower(note), now() IS NOT NULL FROM orders LIMIT 1')).rows).length,
      1,
    );
  });

  it('is held by the transaction where a function lies about itself', async () => {
    await assert.rejects(runTool(toolFor(), { sql: 'SELECT pretends_to_read()' }), {
      name: 'ToolRefusal',
      message: /cannot execute DELETE in a read-only transaction|not allowed in a non-volatile function/,
    });
    assert.equal(await countOfOrders(), 500);
  });

  it('tells a wrong statement with the server’s hint', async () => {
    await assert.rejects(runTool(toolFor(), { sql: 'SELECT totl FROM orders' }), {
      name: 'ToolRefusal',
      message: /column "totl" does not exist.*orders\.total/,
    });
  });

  it('stops a statement that takes too long', async () => {
    const slow = 'SELECT count(*) FROM generate_series(1, 1e10::bigint)';
    await assert.rejects(runTool(toolFor({ statementMs: 300 }), { sql: slow }), {
      name: 'ToolRefusal',
      message: /took longer than 0\.3 s/,
    });
  });

  it('cuts off an answer that is too large, in one row or in many', async () => {
    const limits = { mostBytes: 1024 * 1024 };
    for (const sql of ["SELECT repeat('x', 50000000)", "SELECT repeat('x', 100000) FROM generate_series(1, 199)"]) {
      await assert.rejects(runTool(toolFor(limits), { sql }), {
        name: 'ToolRefusal',
        message: /larger than 1048576 bytes/,
      });
    }
  });

  it('ends the statement on the server when the call is cancelled', async () => {
    const controller = new AbortController();
    const sql = 'SELECT count(*) AS marked FROM generate_series(1, 1e10::bigint)';
    const running = runTool(toolFor({ statementMs: 60_000 }), { sql }, { signal: controller.signal });
    const rejected = assert.rejects(running, { name: 'AbortError' });
    const active = async (): Promise<number> =>
      (
        await administer(
          server.url,
          `SELECT pid FROM pg_stat_activity WHERE state = 'active' AND application_name = 'waymark'`,
        )
      ).length;
    const give = AbortSignal.timeout(10_000);
    while ((await active()) === 0 && !give.aborted) await sleep(20);
    controller.abort();
    await rejected;
    while ((await active()) > 0 && !give.aborted) await sleep(50);
    assert.equal(await active(), 0);
  });

  it('leaves no connection behind', async () => {
    await ask('SELECT 1');
    await assert.rejects(ask('SELECT nothing'));
    const give = AbortSignal.timeout(5_000);
    const left = () => administer(server.url, `SELECT pid FROM pg_stat_activity WHERE application_name = 'waymark'`);
    while ((await left()).length > 0 && !give.aborted) await sleep(50);
    assert.deepEqual(await left(), []);
  });

  it('is broken, for Temporal, where the server is away', async () => {
    const tool = createSqlQueryTool({ connection: () => 'postgres://x@127.0.0.1:1/x', about: '' });
    await assert.rejects(runTool(tool, { sql: 'SELECT 1' }), { code: 'ECONNREFUSED' });
  });
});
