import type { RequestedCall } from '../contracts/language-model.ts';
import type { ChatCallPiece } from './chat-chunk.ts';
import { createFieldAssembly } from './field-assembly.ts';
import type { FieldAssembly } from './field-assembly.ts';

interface OpenCall {
  readonly index: number | undefined;
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
  /** The calls in the order in which they began; `makeId` names those that came without an id, or with one twice. */
  finish(makeId: (position: number) => string): RequestedCall[];
}

export function createCallAssembly(): CallAssembly {
  const open: OpenCall[] = [];
  return {
    add: (piece) => {
      const call = openCallOf(open, piece) ?? startCall(open, piece);
      if (piece.id && call.id === '') call.id = piece.id;
      // Some servers repeat the name in every piece, none sends it in pieces.
      if (piece.function?.name) call.name = piece.function.name;
      call.arguments += textOf(piece.function?.arguments);
      call.fields.add(piece, KNOWN);
      call.fields.addIn('function', piece.function, KNOWN_OF_FUNCTION);
    },
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
 * The call that a piece continues. By the protocol its `index` says so; some servers give every call index 0, or no
 * index at all, and are known by a new id together with a name.
 */
function openCallOf(open: readonly OpenCall[], { index, id, function: part }: ChatCallPiece): OpenCall | undefined {
  const sameIndex = open.findLast((call) => call.index === (index ?? undefined));
  if (id) {
    const sameId = open.findLast((call) => call.id === id);
    if (sameId && sameId === sameIndex) return sameId;
    return part?.name && sameIndex?.id !== '' ? undefined : sameIndex;
  }
  const isNew = index === null || index === undefined ? Boolean(part?.name) : false;
  return isNew ? undefined : sameIndex;
}

function startCall(open: OpenCall[], { index }: ChatCallPiece): OpenCall {
  const call = { index: index ?? undefined, id: '', name: '', arguments: '', fields: createFieldAssembly() };
  open.push(call);
  return call;
}

function textOf(value: string | Record<string, unknown> | null | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
