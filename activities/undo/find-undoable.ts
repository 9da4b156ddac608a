import type { PastCall, UndoableCall, UndoReference, UndoStages } from '../../contracts/undo.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { agentOf, toolsOf } from '../agent/agent-of.ts';
import { runOfStage } from '../attempt.ts';
import type { StageDependencies } from '../dependencies.ts';

/** A line of arguments or of a result, for people: the whole stands in the task's own history. */
const LONGEST_LINE = 300;

/** Finds the calls of an ended task that can be undone, the newest first, and how each stands after earlier undoing. */
export function createFindUndoable(dependencies: StageDependencies): UndoStages['findUndoable'] {
  return async function findUndoable({ task, after }) {
    const past = await dependencies.history.calls(task);
    const earlier = after === undefined ? [] : await dependencies.history.undone(task, after);
    const agent = past[0]?.call.agent;
    const tools = agent === undefined ? [] : await toolsOf(dependencies, agentOf(dependencies, agent));
    const calls = past.flatMap((one) => {
      const tool = tools.find(({ description }) => description.name === one.call.name);
      const known = earlier.find(
        ({ callId, taskStartedAt }) => callId === one.call.callId && taskStartedAt === one.call.taskStartedAt,
      );
      return tool === undefined ? [] : undoable(one, tool, known);
    });
    const ledger = await dependencies.claims.open({ task, runId: runOfStage(), fresh: false });
    return { calls: calls.toReversed(), ledger };
  };
}

/** What happened, or may have; a call that was refused or failed did nothing. */
function undoable(past: PastCall, tool: Tool, earlier: UndoableCall | undefined) {
  const { call, outcome } = past;
  const { undo, timeoutMs, attempts } = tool.description;
  const uncertain = outcome === undefined || outcome.status === 'unknown';
  if (undo === undefined || !(uncertain || outcome.status === 'ok')) return [];
  const { state = 'open', note, tries = 0 } = earlier ?? {};
  const reference: UndoReference = {
    ...call,
    timeoutMs,
    attempts,
    ...(outcome === undefined ? {} : { seq: outcome.seq }),
  };
  const found: UndoableCall & { readonly reference: UndoReference } = {
    callId: call.callId,
    tool: call.name,
    turn: call.turn,
    arguments: line(past.arguments),
    result: line(outcome?.text ?? 'it never reported'),
    certain: !uncertain,
    taskStartedAt: call.taskStartedAt,
    approval: undo.approval === 'always',
    state: state === 'waiting' ? 'open' : state,
    tries,
    reference,
    ...(note === undefined ? {} : { note }),
  };
  return [found];
}

function line(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  return flat.length > LONGEST_LINE ? `${flat.slice(0, LONGEST_LINE).toWellFormed()}…` : flat;
}
