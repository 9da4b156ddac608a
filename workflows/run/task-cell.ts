import { setCurrentDetails } from '@temporalio/workflow';
import type { AgentDescription } from '../../contracts/agent.ts';
import { renderDetails } from '../shown/details.ts';
import { createSearchSurface } from './search-surface.ts';
import type { TaskState } from '../state/task-state.ts';
import type { Transition } from '../transitions/transition.ts';
import { advance } from '../transitions/transition.ts';

/** Holds the one state of a running workflow; every change goes through a pure transition and shows in the UI. */
export interface TaskCell {
  readonly state: TaskState;
  apply<Payload>(transition: Transition<Payload>, payload: Payload): void;
  /** The agent of this run. @throws Error before the run has fetched it */
  readonly description: AgentDescription;
}

/** The workflow's own time. */
export function now(): string {
  return new Date().toISOString();
}

export function createTaskCell(initial: TaskState): TaskCell {
  let state = initial;
  const showInSearch = createSearchSurface(initial);
  return {
    get state() {
      return state;
    },
    get description() {
      if (!state.description) throw new Error('the agent is fetched before anything else');
      return state.description;
    },
    apply(transition, payload) {
      state = advance(state, transition, payload, now());
      setCurrentDetails(renderDetails(state));
      showInSearch(state);
    },
  };
}
