import type { RequestedCall, Usage } from '../contracts/language-model.ts';
import type { OwnWords } from '../contracts/own-words.ts';
import type { TokenCounts } from '../contracts/usage.ts';
import { createCallAssembly } from './call-assembly.ts';
import type { ChatChunk, ChatPiece } from './chat-chunk.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { createFieldAssembly } from './field-assembly.ts';
import { ownWordsOf } from './own-words.ts';
import { readUsage } from './read-usage.ts';
import { createThoughtSplitter } from './thoughts.ts';

/** An answer put together, before it is known how it ended. */
export interface AssembledAnswer {
  readonly text: string;
  readonly thoughts: string;
  readonly calls: readonly RequestedCall[];
  /** What is to come back with it. */
  readonly words?: OwnWords;
  /** Every reason that the server gave; empty where it gave none. */
  readonly finishReasons: readonly string[];
  /** What the model said instead of an answer, else empty. */
  readonly refusal: string;
  readonly model: string;
  readonly usage: Usage;
  /** Tokens of the answer where the server counted them. */
  readonly counted: number | undefined;
  /** Something came that an answer is made of. */
  readonly isAnswer: boolean;
  /** The last of what came that an answer is not made of. */
  readonly stranger: unknown;
}

export interface AnswerAssembly {
  /** Takes a piece in; returns the text that is said with it. */
  add(chunk: ChatChunk): string;
  /** Nothing more comes: returns the rest of the text. */
  end(): string;
  finish(): AssembledAnswer;
  /** Has the server given a reason for its end? */
  readonly ended: boolean;
  /** A thought has begun with its mark, or came apart from the text: what was said until then is surely no thought. */
  readonly thinksApart: boolean;
  /** Of a thought only the end came: what was said until then was thought. */
  readonly beganInThought: boolean;
}

export interface AnswerAssemblyOptions {
  /** The model asked for, for servers that do not say which one answered. */
  readonly model: string;
  /** Who answers: what it says in fields of its own goes back to it alone. */
  readonly speaker: string;
  /** Names the calls that came without an id. */
  readonly makeCallId: (position: number) => string;
  /** Tokens of the prompt, for servers that do not count. */
  readonly estimatePrompt: () => number;
}

/** What the protocol knows of a message. */
const KNOWN = ['role', 'content', 'refusal', 'tool_calls', 'function_call', 'audio', 'annotations'];

/** Puts an answer together from its pieces. */
export function createAnswerAssembly(options: AnswerAssemblyOptions): AnswerAssembly {
  const calls = createCallAssembly();
  const legacyCalls = createCallAssembly();
  const fields = createFieldAssembly();
  const splitter = createThoughtSplitter();
  const parts: string[] = [];
  const finishReasons: string[] = [];
  let { model } = options;
  let refusal = '';
  let apart = 0;
  let heard = 0;
  let pieces = 0;
  let counts: Partial<TokenCounts> = {};
  let isAnswer = false;
  let stranger: unknown;

  const addPiece = (piece: ChatPiece): string => {
    isAnswer = true;
    apart += piece.thoughtApart + piece.thought.length;
    if (piece.thought !== '') parts.push(piece.thought);
    refusal += piece.refusal;
    if (piece.finishReason !== '') finishReasons.push(piece.finishReason);
    // A whole message after its pieces says again what they said.
    const again = piece.whole && pieces > 0;
    if (!again || calls.isEmpty()) for (const call of piece.calls) calls.add(call);
    if (piece.legacyCall !== undefined) legacyCalls.add(piece.legacyCall);
    if (again) return '';
    if (!piece.whole && Object.keys(piece.fields).some((name) => name !== 'role')) pieces += 1;
    fields.add(piece.fields, KNOWN);
    heard += piece.text.length;
    return splitter.add(piece.text);
  };

  const finish = (): AssembledAnswer => {
    const asked = calls.isEmpty() ? legacyCalls : calls;
    const { calls: finished, words } = ownWordsOf({
      by: options.speaker,
      calls: asked.finish(options.makeCallId),
      fields: fields.finish(),
    });
    const thoughts = [parts.join(''), splitter.thoughts].filter((text) => text !== '').join('\n\n');
    const spoken = heard + apart + JSON.stringify(finished.map(({ words: _own, ...call }) => call)).length - 2;
    const usage = {
      ...counts,
      ...(counts.promptTokens === undefined ? { estimated: true as const } : {}),
      promptTokens: counts.promptTokens ?? options.estimatePrompt(),
      completionTokens: counts.completionTokens ?? estimateTokens(spoken),
    };
    const { said: text } = splitter;
    const counted = counts.completionTokens;
    const answer = { text, thoughts, calls: finished, ...(words === undefined ? {} : { words }) };
    return { ...answer, finishReasons, refusal, model, usage, counted, isAnswer, stranger };
  };

  return {
    add: (chunk) => {
      if (chunk.model !== '') ({ model } = chunk);
      counts = { ...counts, ...readUsage(chunk.usage) };
      if ('stranger' in chunk) ({ stranger } = chunk);
      return chunk.pieces.map(addPiece).join('');
    },
    end: () => splitter.end(),
    finish,
    get ended() {
      return finishReasons.length > 0;
    },
    get thinksApart() {
      return apart > 0 || splitter.opened;
    },
    get beganInThought() {
      return splitter.unopened;
    },
  };
}
