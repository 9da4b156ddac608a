import { optionalPackage } from '../../optional-package.ts';

/** What a text of SQL is, seen by PostgreSQL's own parser: `text` is the one statement, `functions` what it calls. */
export type SqlKind =
  | { readonly kind: 'query' | 'explain' | 'show'; readonly text: string; readonly functions: readonly string[] }
  | { readonly kind: 'refused'; readonly problem: string };

const WRITING = new Map([
  ['InsertStmt', 'INSERT'],
  ['UpdateStmt', 'UPDATE'],
  ['DeleteStmt', 'DELETE'],
  ['MergeStmt', 'MERGE'],
  ['IntoClause', 'SELECT INTO'],
  ['LockingClause', 'FOR UPDATE and FOR SHARE'],
]);

/** Sorts a text of SQL by what its syntax can do: one statement that only reads, or refused with the reason. */
export async function kindOfSql(sql: string): Promise<SqlKind> {
  const parser = await optionalPackage('libpg-query', () => import('libpg-query'));
  let statements: readonly unknown[];
  try {
    statements = (await parser.parse(sql)).stmts ?? [];
  } catch (error) {
    return {
      kind: 'refused',
      problem: `This is not valid SQL: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  if (statements.length !== 1)
    return { kind: 'refused', problem: `One statement at a time; these are ${statements.length}.` };
  const { stmt, stmt_location: from = 0, stmt_len: length } = Object(statements[0]);
  const bytes = Buffer.from(sql).subarray(Number(from));
  return kindOfStatement(stmt, (length === undefined ? bytes : bytes.subarray(0, Number(length))).toString('utf8'));
}

function kindOfStatement(statement: unknown, text: string): SqlKind {
  const [name = ''] = Object.keys(Object(statement));
  const body: unknown = Object(statement)[name];
  const found = lookThrough(statement);
  if (found.writes !== undefined) return { kind: 'refused', problem: `${found.writes} is refused: this only reads.` };
  if (name === 'SelectStmt') return { kind: 'query', text, functions: found.functions };
  if (name === 'VariableShowStmt') return { kind: 'show', text, functions: [] };
  if (name !== 'ExplainStmt')
    return { kind: 'refused', problem: `${verbOf(name)} is refused: only SELECT, EXPLAIN and SHOW read.` };
  if (!('SelectStmt' in Object(Object(body).query)))
    return { kind: 'refused', problem: 'Only a SELECT can be explained.' };
  if (found.options.includes('analyze'))
    return { kind: 'refused', problem: 'EXPLAIN ANALYZE runs the statement; use EXPLAIN.' };
  return { kind: 'explain', text, functions: found.functions };
}

interface Found {
  readonly writes?: string;
  readonly functions: readonly string[];
  readonly options: readonly string[];
}

/** Every node of a syntax tree, wherever it hides: in a CTE, a subquery, a set operation. */
function lookThrough(tree: unknown): Found {
  let writes: string | undefined;
  const functions = new Set<string>();
  const options: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== 'object' || node === null) return;
    for (const [name, value] of Object.entries(node)) {
      // Some clauses stand under the name of their field and not of their kind.
      writes ??= WRITING.get(name === 'intoClause' ? 'IntoClause' : name);
      if (name === 'FuncCall') functions.add(functionName(value));
      if (name === 'DefElem') options.push(String(Object(value).defname));
      visit(value);
    }
  };
  visit(tree);
  return { functions: [...functions], options, ...(writes === undefined ? {} : { writes }) };
}

/** The last part of a qualified name; the schema does not matter, a name is looked up in all of them. */
function functionName(call: unknown): string {
  const parts: unknown = Object(call).funcname;
  const last: unknown = Array.isArray(parts) ? parts.at(-1) : undefined;
  return String(Object(Object(last).String).sval);
}

function verbOf(name: string): string {
  const verb = name.replace(/Stmt$/, '').replace(/([a-z])([A-Z])/g, '$1 $2');
  return verb === '' ? 'An empty statement' : verb.toUpperCase();
}
