import { APIError } from 'openai';

import { isObject } from '../contracts/json.ts';

/** What stands in an object, as it came. */
export type Fields = Readonly<Record<string, unknown>>;

/** A piece of a call, as far as it says anything. */
export interface ChatCallPiece {
  readonly index?: string;
  readonly id?: string;
  readonly name?: string;
  /** JSON text, or the next piece of one; empty where there is none. */
  readonly arguments: string;
  /** All of it as it came. */
  readonly fields: Fields;
}

/** What a piece of an answer adds to it. */
export interface ChatPiece {
  /** A whole message, and not the next piece of one. */
  readonly whole: boolean;
  readonly text: string;
  /** What the model thought, where the content has parts and says so. */
  readonly thought: string;
  /** Length of what it thought in a field of its own: tokens that somebody pays for. */
  readonly thoughtApart: number;
  readonly refusal: string;
  readonly calls: readonly ChatCallPiece[];
  /** The call in the shape that the protocol had before `tool_calls`; some gateways send both. */
  readonly legacyCall?: ChatCallPiece;
  readonly finishReason: string;
  /** All of the message as it came. */
  readonly fields: Fields;
}

/** A piece of an answer, as far as we read it. A whole answer that is not streamed is one piece. */
export interface ChatChunk {
  readonly model: string;
  /** Of the first choice only: we never ask for more. */
  readonly pieces: readonly ChatPiece[];
  /** For `readUsage`. */
  readonly usage: unknown;
  /** The value, where it has nothing that an answer has: what the server says instead of one. */
  readonly stranger?: unknown;
}

/**
 * Reads what a piece of an answer says that we need, whatever else is in it or odd about it: compatible servers leave
 * out, send as null, or shape in their own way nearly everything.
 * @throws APIError where it is an error that came with status 200, or within a choice
 */
export function readChatChunk(value: unknown): ChatChunk {
  if (!isObject(value)) return { model: '', pieces: [], usage: undefined, stranger: value };
  throwError(value);
  const { choices } = value;
  const listed = Array.isArray(choices) ? choices.filter(isObject) : [];
  for (const choice of listed) throwError(choice);
  const own = listed.filter(isFirst);
  const usage = value['usage'] ?? own.at(-1)?.['usage'] ?? within(value['x_groq'], 'usage');
  const isStranger = !Array.isArray(choices) && !isObject(usage) && Object.keys(value).length > 0;
  return {
    model: textOf(value['model']),
    pieces: own.map(pieceOf),
    usage,
    ...(isStranger ? { stranger: value } : {}),
  };
}

function throwError(value: Fields): void {
  const error = value['error'] || (value['object'] === 'error' ? value : undefined);
  if (error) throw new APIError(undefined, isObject(error) ? error : { message: error }, undefined, undefined);
}

/** Some servers do not number their choices, or number them in text. */
function isFirst({ index }: Fields): boolean {
  return index === undefined || index === null || Number(index) === 0;
}

function pieceOf(choice: Fields): ChatPiece {
  const { delta, message, finish_reason: reason } = choice;
  const whole = !isObject(delta) && isObject(message);
  const said = isObject(delta) ? delta : isObject(message) ? message : {};
  const { text, thought, refused } = contentOf(said['content'] ?? choice['text']);
  const calls = Array.isArray(said['tool_calls']) ? said['tool_calls'] : [said['tool_calls']];
  const legacy = said['function_call'];
  return {
    whole,
    text,
    thought,
    thoughtApart: Math.max(...['reasoning_content', 'reasoning'].map((name) => textOf(said[name]).length)),
    refusal: textOf(said['refusal']) + refused,
    calls: calls.filter(isObject).map(callPieceOf),
    ...(isObject(legacy) ? { legacyCall: callPieceOf({ function: legacy }) } : {}),
    finishReason: reason === 'null' ? '' : textOf(reason),
    fields: said,
  };
}

/** Content is text or a list of parts; parts of a kind unknown say nothing that we need. */
function contentOf(content: unknown): { readonly text: string; readonly thought: string; readonly refused: string } {
  if (typeof content === 'string') return { text: content, thought: '', refused: '' };
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  let [text, thought, refused] = ['', '', ''];
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    if (!isObject(part)) continue;
    const { type } = part;
    if (type === 'refusal') refused += textOf(part['refusal']);
    else if (type === 'thinking' || type === 'reasoning') thought += thoughtIn(part);
    else if (type === 'text' || type === 'output_text' || type === undefined) text += textOf(part['text']);
  }
  return { text, thought, refused };
}

function thoughtIn(part: Fields): string {
  const inner = part['thinking'] ?? part['reasoning'] ?? part['text'];
  return typeof inner === 'string' ? inner : contentOf(inner).text;
}

function callPieceOf(piece: Fields): ChatCallPiece {
  const part = isObject(piece['function']) ? piece['function'] : piece;
  const [index, id, name] = [piece['index'], piece['id'], part['name']].map(textOf);
  return {
    ...(index ? { index } : {}),
    ...(id ? { id } : {}),
    ...(name ? { name } : {}),
    arguments: argumentsOf(part['arguments']),
    fields: piece,
  };
}

/** An empty list is how some languages write an object without properties. */
function argumentsOf(value: unknown): string {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}

function within(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}
