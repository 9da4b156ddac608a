import type { Asked, Handover } from './requests.ts';
import { WAYMARK } from './transcript.ts';
import type { Actor } from './transcript.ts';

/** Whoever acts, and what else it answers as. Whoever lets it in vouches for both. */
export interface Acting {
  readonly by: Actor;
  /** Roles and addresses, e.g. `finance`. */
  readonly roles?: readonly string[];
}

/**
 * Who alone may answer a request and hand it on; `undefined` where anybody may: also where it was for nobody in particular
 * when it was asked. What was escalated stays open to those it was for before; what a person has handed on does not.
 */
export function answerersOf({ answerBy, for: whom, handovers = [] }: Asked): readonly string[] | undefined {
  const [first] = handovers;
  const meant = first === undefined ? whom : first.from;
  if (answerBy !== 'addressee' || whom === undefined || meant === undefined) return undefined;
  const handedOn = handovers.findLastIndex((handover) => !isEscalation(handover));
  const earlier = handovers.slice(handedOn + 1).flatMap(({ from }) => (from === undefined ? [] : [from]));
  return [...new Set([...earlier, whom])];
}

function isEscalation({ by }: Handover): boolean {
  return by.kind === WAYMARK.kind && by.id === WAYMARK.id;
}

/** Who may answer, for people, e.g. `only finance may answer`; `undefined` where anybody may. */
export function answererWords(request: Asked): string | undefined {
  const answerers = answerersOf(request);
  return answerers && `only ${answerers.join(' or ')} may answer`;
}

/** May this one answer it, in its own name or in a role? */
export function mayAnswer(request: Asked, acting: Acting): boolean {
  const answerers = answerersOf(request);
  return answerers === undefined || actsAs(acting, answerers);
}

/** Does it go by one of these names? */
export function actsAs({ by, roles = [] }: Acting, names: readonly string[]): boolean {
  return [by.id, ...roles].some((own) => names.some((name) => isSameName(name, own)));
}

/** Names and addresses are the same however they are written. */
export function isSameName(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}
