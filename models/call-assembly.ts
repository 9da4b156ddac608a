import type { RequestedCall } from '../contracts/language-model.ts';
import type { ChatCallPiece } from './chat-chunk.ts';
import { createFieldAssembly } from './field-assembly.ts';
import type { FieldAssembly } from './field-assembly.ts';
import { jsonState } from './json-state.ts';

interface OpenCall {
  readonly index: string | undefined;
  id: string;
  name: string;
  arguments: string;
  /** What its server says of it besides. */
  readonly fields: FieldAssembly;
}

/** What the protocol knows of a call. */
const KNOWN = ['index', 'id', 'type', 'function'];
const KNOWN_OF_FUNCTION = ['name', 'arguments'];

/** Puts tool calls together from the pieces in which a stream brings them, interleaved or one after the other. */
export interface CallAssembly {
  add(piece: ChatCallPiece): void;
  isEmpty(): boolean;
  /** The calls in the order in which they began; `makeId` names those that came without an id, or with one twice. */
  finish(makeId: (position: number) => string): RequestedCall[];
}

export function createCallAssembly(): CallAssembly {
  const open: OpenCall[] = [];
  return {
    add: (piece) => {
      const known = openCallOf(open, piece);
      if (known !== undefined && isRepetition(known, piece)) return;
      const call = known ?? startCall(open, piece);
      extend(call, piece);
      call.fields.add(piece.fields, KNOWN);
      call.fields.addIn('function', piece.fields['function'], KNOWN_OF_FUNCTION);
    },
    isEmpty: () => open.length === 0,
    finish: (makeId) => {
      const taken = new Set<string>();
      return open.map((call, position) => {
        const id = call.id === '' || taken.has(call.id) ? makeId(position) : call.id;
        taken.add(id);
        const fields = call.fields.finish();
        const words = { ...(id === call.id ? { id } : {}), ...(fields === undefined ? {} : { fields }) };
        const told = Object.keys(words).length === 0 ? {} : { words };
        return { id, name: call.name, arguments: call.arguments, ...told };
      });
    },
  };
}

/**
 * The call that a piece continues. By the protocol its `index` says so. Some servers give every call index 0, or none:
 * these are known by an id or a name of their own, or by coming whole after one that is whole. Others number the pieces
 * instead of the calls: what has neither id nor name goes on with the newest.
 */
function openCallOf(open: readonly OpenCall[], piece: ChatCallPiece): OpenCall | undefined {
  const { index, id, name } = piece;
  const sameIndex = open.findLast((call) => call.index === index);
  if (id === undefined && name === undefined) return sameIndex ?? open.at(-1);
  if (sameIndex === undefined) return name === undefined ? open.findLast((call) => call.id === id) : undefined;
  if (id !== undefined && sameIndex.id === id) return begins(sameIndex, piece) ? undefined : sameIndex;
  if (id !== undefined && sameIndex.id !== '') return name === undefined ? sameIndex : undefined;
  return begins(sameIndex, piece) ? undefined : sameIndex;
}

/** Does a piece that names its tool begin another call, and not go on with this one? Some repeat the name in each piece. */
function begins(call: OpenCall, { name, arguments: text }: ChatCallPiece): boolean {
  if (name === undefined || call.name === '') return false;
  if (name !== call.name) return true;
  if (text.trim() === '' || text === call.arguments) return false;
  return !isPlaceholder(call.arguments) && jsonState(call.arguments) === 'whole' && jsonState(text) !== 'broken';
}

/** A call that comes again as it is was not asked for twice: some end with the whole of what they sent in pieces. */
function isRepetition(call: OpenCall, piece: ChatCallPiece): boolean {
  return piece.name !== undefined && piece.arguments === call.arguments && jsonState(piece.arguments) === 'whole';
}

function extend(call: OpenCall, piece: ChatCallPiece): void {
  const { id, name, arguments: text } = piece;
  if (id !== undefined && call.id === '') call.id = id;
  // Some servers repeat the name in every piece, none sends it in pieces.
  if (name !== undefined) call.name = name;
  if (text.trim() === '' && jsonState(call.arguments) !== 'unfinished') return;
  call.arguments = isPlaceholder(call.arguments) ? text : call.arguments + text;
}

const LONGEST_PLACEHOLDER = 16;

/** Some begin with an empty value, and then send the arguments. */
function isPlaceholder(text: string): boolean {
  return text.length <= LONGEST_PLACEHOLDER && /^\s*(\{\s*\}|null|""|\[\s*\])\s*$/.test(text);
}

function startCall(open: OpenCall[], { index }: ChatCallPiece): OpenCall {
  const call = { index, id: '', name: '', arguments: '', fields: createFieldAssembly() };
  open.push(call);
  return call;
}
