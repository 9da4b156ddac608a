/** Classes of SQLSTATE that a better statement can mend: syntax, data, cardinality, limits, rights, read-only, raised. */
const FOR_THE_MODEL = new Set(['0A', '20', '21', '22', '23', '25', '34', '42', '44', '54', 'P0']);
const CANCELLED_BY_TIME = '57014';

/** Whether the model can do something about a server's error; all others mean that the database is broken or away. */
export function isForTheModel(error: unknown): boolean {
  const state = stateOf(error);
  return state === CANCELLED_BY_TIME || FOR_THE_MODEL.has(state.slice(0, 2));
}

/** What the server said, with its hint, for the model. */
export function modelText(error: unknown, statementMs: number): string {
  const { message, hint, detail, position } = Object(error);
  if (stateOf(error) === CANCELLED_BY_TIME) {
    return `The statement took longer than ${statementMs / 1_000} s and was stopped; narrow it down, or look at EXPLAIN.`;
  }
  const parts = [message, detail, hint, position === undefined ? undefined : `at character ${String(position)}`];
  return parts.filter((part) => typeof part === 'string' && part !== '').join('; ');
}

function stateOf(error: unknown): string {
  const { code } = Object(error);
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : '';
}
