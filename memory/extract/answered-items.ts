/** Names under which models give the list that they were asked for. */
const LISTS = ['items', 'memories', 'save_memories', 'arguments', 'parameters', 'input'] as const;

/** What an answer holds, as far as it can be read. */
export interface AnsweredItems {
  readonly items: readonly unknown[];
  /** Pieces of the answer that are no JSON: of an answer that was cut, the last one. */
  readonly broken: readonly string[];
}

/**
 * The items of an answer: whole, wrapped or encoded once more, or as many of them as stand in one that was cut or has a
 * mistake in it. `undefined` where it has no list at all.
 */
export function answeredItems(answer: string): AnsweredItems | undefined {
  const items = listIn(parsed(answer));
  if (items) return { items, broken: [] };
  const begun = listBegin(answer);
  if (begun === 0) return undefined;
  const pieces = piecesOf(answer.slice(begun));
  return pieces.length === 0 ? undefined : read(pieces);
}

/** The place after the bracket that begins a list within an object or another list, or the answer; 0 where there is none. */
function listBegin(answer: string): number {
  const first = answer.search(/[{[]/u);
  const inner = first === -1 ? -1 : answer.indexOf('[', first + 1);
  if (inner !== -1) return inner + 1;
  return answer.trimStart().startsWith('[') ? answer.indexOf('[') + 1 : 0;
}

function read(pieces: readonly string[]): AnsweredItems {
  const values = pieces.map((piece) => ({ piece, value: parsed(piece) }));
  return {
    items: values.flatMap(({ value }) => (value === undefined ? [] : [value])),
    broken: values.flatMap(({ piece, value }) => (value === undefined ? [piece] : [])),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function listIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return listIn(parsed(value));
  if (typeof value !== 'object' || value === null) return undefined;
  for (const name of LISTS) {
    const inner: unknown = Reflect.get(value, name);
    if (inner !== undefined) return listIn(inner);
  }
  // A single item, without its list.
  return typeof Reflect.get(value, 'text') === 'string' ? [value] : undefined;
}

/** A list's items as they were written, each from its opening to its closing brace; the last may have none. */
function piecesOf(list: string): string[] {
  const pieces: string[] = [];
  let [begin, depth, inText] = [-1, 0, false];
  for (let at = 0; at < list.length; at += 1) {
    const character = list[at];
    if (inText) {
      if (character === '\\') at += 1;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === '{' || character === '[') {
      if (depth === 0) begin = at;
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth < 0) break;
      if (depth === 0) pieces.push(list.slice(begin, at + 1));
    }
  }
  if (depth > 0) pieces.push(list.slice(begin));
  return pieces;
}
