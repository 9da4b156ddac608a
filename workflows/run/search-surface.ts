import { upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { fittingValues, forValue, searchAttributes } from '../../contracts/search-attributes.ts';
import { summaryOf } from '../shown/summary.ts';
import type { TaskState } from '../state/task-state.ts';
import { openRequests, statusOf } from '../state/status.ts';
import { waitingFor } from '../state/waiting-for.ts';

/** What the Temporal UI and visibility queries find a task by. */
interface Surface {
  readonly status: string;
  /** Kinds of waits, `for:` whom and `until:` when; none where nothing is waited for. */
  readonly waitingFor: readonly string[];
  readonly turn: number;
  readonly tokens: number;
}

/**
 * Turns and tokens of a task whose status stays the same are shown after so many turns: an upsert costs the server as much
 * as a stage costs the worker. Not after a time: a replay that joins what heartbeats divided sees other times.
 */
const COUNTERS_EVERY_TURNS = 5;

/** Shows a state wherever it differs from what was shown last; counters alone not at once. */
export type SearchSurface = (state: TaskState) => void;

/** A run that goes on begins with what the run before it has shown. */
export function createSearchSurface(initial: TaskState): SearchSurface {
  let shown = initial.turn === 0 ? undefined : surfaceOf(initial);
  let memo = initial.turn === 0 ? null : memoOf(initial);
  return (state) => {
    if (state.description === undefined) return;
    const present = surfaceOf(state);
    if (state.description.searchAttributes) {
      const pairs = [...(shown === undefined ? fixedPairs(state) : []), ...changedPairs(shown, present)];
      if (pairs.length > 0) {
        upsertSearchAttributes(pairs);
        shown = present;
      }
    }
    if (memo !== memoOf(state)) {
      memo = memoOf(state);
      upsertMemo({ waitingFor: memo });
    }
  };
}

/** The memo stands in the history: a line of what the task waits for, not the whole of it. */
function memoOf(state: TaskState): string | null {
  const waiting = waitingFor(statusOf(state));
  return waiting === undefined ? null : summaryOf(waiting);
}

/** Open requests are there whatever the status, so that an inbox finds them while the task goes on or is paused. */
function waitsOf(state: TaskState): readonly string[] {
  const status = statusOf(state);
  const requests = openRequests(state);
  const deadlines = requests.flatMap(({ deadline }) => (deadline === undefined ? [] : [deadline]));
  const addressees = new Set(requests.flatMap((one) => (one.for === undefined ? [] : [forValue(one.for)])));
  return [
    ...new Set([
      ...(status.kind === 'waiting' ? [status.for] : []),
      ...requests.map(({ kind }) => kind),
      ...fittingValues([...addressees]),
      ...deadlines
        .toSorted()
        .slice(0, 1)
        .map((deadline) => `until:${deadline}`),
    ]),
  ];
}

function surfaceOf(state: TaskState): Surface {
  const status = statusOf(state);
  return {
    status: status.kind,
    waitingFor: waitsOf(state),
    turn: state.turn,
    tokens: state.spent.promptTokens + state.spent.completionTokens,
  };
}

/** What never changes; a client that knows the agent has set it at start already. */
function fixedPairs(state: TaskState): SearchAttributeUpdatePair[] {
  if (workflowInfo().typedSearchAttributes.get(searchAttributes.agent) !== undefined) return [];
  const pairs: SearchAttributeUpdatePair[] = [
    { key: searchAttributes.agent, value: state.agent },
    { key: searchAttributes.tenant, value: state.task.tenant },
  ];
  if (state.subject !== undefined) pairs.push({ key: searchAttributes.subject, value: state.subject });
  return pairs;
}

/** Of a task that only goes on, turn and tokens are due after some turns; any other change shows all. */
function changedPairs(old: Surface | undefined, present: Surface): SearchAttributeUpdatePair[] {
  const pairs: SearchAttributeUpdatePair[] = [];
  if (old?.status !== present.status) pairs.push({ key: searchAttributes.status, value: present.status });
  if (JSON.stringify(old?.waitingFor ?? []) !== JSON.stringify(present.waitingFor)) {
    const { waitingFor } = present;
    pairs.push({ key: searchAttributes.waitingFor, value: waitingFor.length === 0 ? null : [...waitingFor] });
  }
  const due = pairs.length > 0 || present.turn - (old?.turn ?? 0) >= COUNTERS_EVERY_TURNS;
  if (due && old?.turn !== present.turn) pairs.push({ key: searchAttributes.turn, value: present.turn });
  if (due && old?.tokens !== present.tokens) pairs.push({ key: searchAttributes.tokens, value: present.tokens });
  return pairs;
}
