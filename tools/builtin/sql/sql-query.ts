import type { Client, QueryArrayResult } from 'pg';
import { z } from 'zod';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { refuse } from '../../refusal.ts';
import { cutLine } from '../text.ts';
import { kindOfSql } from './read-only-sql.ts';
import type { SqlKind } from './read-only-sql.ts';
import { withReadOnlyTransaction } from './sql-connection.ts';
import { isForTheModel, modelText } from './sql-errors.ts';

export interface SqlQueryOptions {
  /** `postgres://reader:…@db.example.com/shop`; read where the worker runs. Give it a role that may only read. */
  readonly connection: () => string;
  /** What is in the database, for the model: tables and columns that matter. */
  readonly about: string;
  /** Default `sql_query`. */
  readonly name?: string;
  /** Rows of an answer at most. Default 200. */
  readonly mostRows?: number;
  /** Bound on one statement. Default 15 seconds. */
  readonly statementMs?: number;
  /** Bytes the server may send for one answer. Default 8 MiB. */
  readonly mostBytes?: number;
}

const LONGEST_CELL = 4_000;

/**
 * Functions that PostgreSQL calls volatile although they change nothing. Any other volatile one is refused: it may send
 * signals, take locks, advance a sequence or read the server's files, all of it in a transaction that only reads.
 */
const HARMLESS = [
  'clock_timestamp',
  'currval',
  'gen_random_uuid',
  'lastval',
  'pg_blocking_pids',
  'pg_column_size',
  'pg_current_wal_lsn',
  'pg_database_size',
  'pg_indexes_size',
  'pg_relation_size',
  'pg_table_size',
  'pg_tablespace_size',
  'pg_total_relation_size',
  'random',
  'timeofday',
  'uuidv7',
];

/** Makes the tool that asks a PostgreSQL database, which only reads: by its parser, and by a read-only transaction. */
export function createSqlQueryTool(options: SqlQueryOptions): Tool {
  const { connection, mostRows = 200, statementMs = 15_000, mostBytes = 8 * 1024 * 1024 } = options;
  return defineTool({
    name: options.name ?? 'sql_query',
    description:
      `Runs one SELECT, EXPLAIN or SHOW on a PostgreSQL database. ${options.about} Answers columns and rows, at most ` +
      `${mostRows}; \`more\` says whether there are others. What would change something is refused.`,
    input: z.object({ sql: z.string().min(1).max(20_000) }),
    effect: 'read',
    timeoutMs: statementMs + 20_000,
    from: 'built-in',
    grants: [`rows: ${mostRows}`, `statement: ${statementMs / 1_000} s`, 'transaction: read only'],
    execute: async ({ sql }, { signal }) => {
      const kind = await kindOfSql(sql);
      if (kind.kind === 'refused') refuse(kind.problem);
      const limits = { statementMs, mostBytes };
      try {
        return await withReadOnlyTransaction(connection(), { limits, signal }, async (client) => {
          await refuseVolatile(client, kind.functions);
          return answer(client, kind, mostRows);
        });
      } catch (error) {
        if (isForTheModel(error)) refuse(modelText(error, statementMs));
        throw error;
      }
    },
  });
}

async function refuseVolatile(client: Client, functions: readonly string[]): Promise<void> {
  const asked = functions.filter((name) => !HARMLESS.includes(name));
  if (asked.length === 0) return;
  const { rows } = await client.query<[string], [readonly string[]]>({
    text: `SELECT DISTINCT proname::text FROM pg_catalog.pg_proc WHERE provolatile = 'v' AND proname::text = ANY($1)`,
    values: [asked],
    rowMode: 'array',
  });
  const names = rows.map(([name]) => `${name}()`);
  if (names.length > 0) refuse(`${names.join(', ')} may change something on the server, and is refused.`);
}

async function answer(client: Client, { kind, text }: Exclude<SqlKind, { kind: 'refused' }>, mostRows: number) {
  const ask = (sql: string): Promise<QueryArrayResult<unknown[]>> => client.query({ text: sql, rowMode: 'array' });
  if (kind === 'query') await ask(`DECLARE waymark NO SCROLL CURSOR FOR ${text}`);
  // One more than is shown tells whether there are others.
  const { fields, rows } = await ask(kind === 'query' ? `FETCH FORWARD ${mostRows + 1} FROM waymark` : text);
  return {
    columns: fields.map(({ name }) => name),
    rows: rows.slice(0, mostRows).map((row) => row.map(shown)),
    more: rows.length > mostRows,
  };
}

function shown(cell: unknown): unknown {
  return typeof cell === 'string' ? cutLine(cell, LONGEST_CELL) : cell;
}
