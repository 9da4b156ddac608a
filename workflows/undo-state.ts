import type { FoundUndoable, UndoableCall, UndoInput, UndoReport, UndoState } from '../contracts/undo.ts';

/** The calls to be undone, the newest first. One that may not have happened, or was tried in vain, must be named. */
export function chosen(calls: FoundUndoable['calls'], which: UndoInput['which']): FoundUndoable['calls'] {
  if (which === 'look') return [];
  const due = calls.filter(({ state }) => state !== 'undone');
  if (which !== 'all') return due.filter(({ callId }) => which.includes(callId));
  return due.filter(({ certain, state }) => certain && state !== 'unknown');
}

/** Names that are not among the calls, or are undone already. */
export function notThere(calls: readonly UndoableCall[], which: UndoInput['which']): readonly string[] {
  if (which === 'look' || which === 'all') return [];
  return which.filter((callId) => !calls.some((call) => call.callId === callId && call.state !== 'undone'));
}

export function movedTo(report: UndoReport, callId: string, state: UndoState, note?: string): UndoReport {
  const tried = state !== 'waiting' && state !== 'rejected';
  const calls = report.calls.map((call) =>
    call.callId === callId
      ? { ...call, state, tries: call.tries + (tried ? 1 : 0), ...(note === undefined ? {} : { note }) }
      : call,
  );
  return { ...report, calls };
}

const MARKS: Readonly<Record<UndoState, string>> = {
  open: '☐',
  waiting: '⏸',
  undone: '☑',
  refused: '✗',
  rejected: '⊘',
  failed: '✗',
  unknown: '?',
};

/** The undoing as Markdown for the Temporal UI. */
export function undoDetails({ taskId, calls }: UndoReport): string {
  const lines = calls.map(({ callId, tool, state, note, certain }) => {
    const doubt = certain ? '' : ' (nobody knows whether it happened)';
    return `- ${MARKS[state]} ${tool} (${callId})${doubt}: ${state}${note === undefined ? '' : `: ${note.slice(0, 300)}`}`;
  });
  return [
    `### What ${taskId} did, the newest first`,
    lines.length === 0 ? 'Nothing that can be undone.' : lines.join('\n'),
  ].join('\n\n');
}
