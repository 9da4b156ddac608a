import type { IsoTime } from '../../contracts/json.ts';
import type { ModelMoveInput, ModelMoveState, MovePhase } from '../../contracts/model-move.ts';
import { summaryOf } from '../shown/summary.ts';

/** So many passes at most before the switch: what writers without the new model go on to write is filled in after it. */
const MOST_PASSES = 5;
const DAY_MS = 86_400_000;
const DEFAULT_KEEP_DAYS = 7;
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 3_600_000;

export function openMove(
  { tenant, to, by, keepDays = DEFAULT_KEEP_DAYS }: ModelMoveInput,
  at: IsoTime,
): ModelMoveState {
  return { ...inPhase('begin'), tenant, to, by, startedAt: at, keepDays, memories: 0, embedded: 0, dropped: 0 };
}

/** The counts of a walk that begins with this phase. */
export function inPhase(
  phase: MovePhase,
): Pick<ModelMoveState, 'phase' | 'cursor' | 'pass' | 'seen' | 'embeddedInPass'> {
  return { phase, cursor: '0', pass: 1, seen: 0, embeddedInPass: 0 };
}

/** The state after a slice of filling; a pass that has ended and found something is followed by another. */
export function filled(
  state: ModelMoveState,
  { cursor, seen, embedded }: { readonly cursor: string; readonly seen: number; readonly embedded: number },
): { readonly state: ModelMoveState; readonly complete: boolean } {
  const counted = {
    ...state,
    cursor,
    seen: state.seen + seen,
    embeddedInPass: state.embeddedInPass + embedded,
    embedded: state.embedded + embedded,
  };
  if (cursor !== '0') return { state: counted, complete: false };
  const bounded = state.phase === 'fill' && state.pass >= MOST_PASSES;
  if (counted.embeddedInPass === 0 || bounded) return { state: counted, complete: true };
  return { state: { ...counted, pass: state.pass + 1, seen: 0, embeddedInPass: 0 }, complete: false };
}

export function keptUntil({ keepDays }: ModelMoveState, now: IsoTime): IsoTime {
  return new Date(Date.parse(now) + keepDays * DAY_MS).toISOString();
}

/** Milliseconds until what failed for the `times`th time is tried again. */
export function retryAfter(times: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (times - 1), LONGEST_RETRY_MS);
}

/** A move as Markdown for the Temporal UI. */
export function moveDetails(state: ModelMoveState): string {
  const { spaces, rolledBack, blocked, embedded, dropped, switchedAt, keepUntil, to } = state;
  const former = spaces?.former.model ?? 'the present model';
  const lines = [
    `### ${headline(state)}`,
    `From **${former}** to **${to}**, for tenant \`${state.tenant}\`.`,
    blocked === undefined
      ? ''
      : `**Blocked:** ${blocked.reason} Tried again at ${blocked.retryAt}, or now: \`waymark memory reindex --retry\`.`,
    rolledBack === undefined ? '' : `**Rolled back** by ${rolledBack.by.id} at ${rolledBack.at}.`,
    `**Embedded:** ${embedded} memories${shareOf(state)}; pass ${state.pass}.`,
    switchedAt === undefined
      ? `Recall uses ${former}.`
      : `Recall uses ${rolledBack ? former : to} (switched ${switchedAt}).`,
    keepUntil === undefined || state.phase !== 'keep'
      ? ''
      : `The vectors of ${former} are kept in step until ${keepUntil}; \`waymark memory reindex --rollback\` goes back to them, \`--finish\` drops them now.`,
    dropped === 0 ? '' : `**Dropped:** the vectors of ${dropped} memories.`,
  ];
  return lines.filter((line) => line !== '').join('\n\n');
}

/** What the move does now, for a row of the UI. */
export function moveStep(state: ModelMoveState): string {
  const { phase, pass, seen, spaces } = state;
  if (phase === 'fill' || phase === 'catch-up' || phase === 'go-back') {
    return summaryOf(`${phase}: vectors, pass ${pass}, from memory ${seen}`);
  }
  if (phase === 'drop') return summaryOf(`drop vectors from memory ${seen}`);
  return summaryOf(`${phase} the move to ${spaces?.next.model ?? state.to}`);
}

function headline({ phase, rolledBack, blocked }: ModelMoveState): string {
  if (blocked !== undefined) return 'Blocked';
  const words: Readonly<Record<MovePhase, string>> = {
    begin: 'Beginning',
    fill: 'Embedding memories with the new model',
    'catch-up': 'Switched; filling in the last memories',
    'go-back': 'Rolled back; filling in what was written meanwhile',
    keep: 'Switched; the former vectors are kept for a while',
    drop: rolledBack ? 'Rolled back; dropping the new vectors' : 'Dropping the former vectors',
    done: rolledBack ? 'Rolled back' : 'Moved',
  };
  return words[phase];
}

function shareOf({ phase, memories, seen, pass }: ModelMoveState): string {
  if (phase !== 'fill' || pass > 1 || memories === 0) return '';
  return ` (${Math.min(Math.round((seen / memories) * 100), 100)} % of ${memories} looked at)`;
}
