import type { AgentDescription } from '../../contracts/agent.ts';
import type { Usage } from '../../contracts/language-model.ts';
import type { ContextSummary } from '../../contracts/stages.ts';
import type { Observation } from '../../contracts/transcript.ts';
import { planMark } from '../rules/decisions.ts';
import { agentChanges, printsOf } from '../rules/agent-changes.ts';
import { tracesAfter } from '../rules/loops.ts';
import { isNews } from '../state/pending.ts';
import type { Call } from '../state/call.ts';
import type { TaskState } from '../state/task-state.ts';
import { spend } from './spending.ts';
import { heard, withoutLoops } from './transition.ts';
import type { Transition } from './transition.ts';

const KEPT_MARKERS = 100;

/** The run knows its agent. Goal, subject and plan are the agent's at the first run, the task's own afterwards. */
export const described: Transition<AgentDescription> = (state, description) => ({
  ...state,
  description,
  ...comparedWith(state, description),
  ...(state.goal === '' ? { goal: description.goal, plan: description.plan } : {}),
  ...(state.subject === undefined && description.subject !== undefined ? { subject: description.subject } : {}),
});

/** The task is back from an absence, and its agent is as it was, or another. The ledger is that of the run. */
export const agentRefreshed: Transition<Omit<AgentDescription, 'ledger'> | undefined> = (state, fetched) => {
  const { description } = state;
  const { ledger } = description ?? {};
  const present = fetched ? { ...fetched, ...(ledger === undefined ? {} : { ledger }) } : description;
  return present ? { ...state, description: present, ...comparedWith(state, present) } : state;
};

/** What a deploy has changed since the model was last asked; who was not away is told nothing. */
function comparedWith({ absence, prints }: TaskState, description: AgentDescription): Pick<TaskState, 'absence'> {
  if (absence === undefined) return {};
  return { absence: { ...absence, agent: agentChanges(prints, printsOf(description)) } };
}

/** The first `count` pending texts are in the transcript. */
export const captured: Transition<number> = (state, count) => {
  const news = state.pending.slice(0, count).filter(isNews);
  const { listening: _waits, ...spokenTo } = state;
  return {
    ...(news.length === 0 ? state : withoutLoops(spokenTo)),
    newsSincePlan: state.newsSincePlan || news.some(({ source }) => source.kind !== 'start'),
    ...channelOf(state, count),
    pending: state.pending.slice(count),
    nextSeq: state.nextSeq + count,
    unread: heard(
      state,
      state.pending.slice(0, count).some(({ body }) => body.kind === 'message'),
    ),
  };
};

/** Where the newest of them came from; one that does not say leaves it as it was. */
function channelOf({ pending }: TaskState, count: number): Pick<TaskState, 'channel'> {
  const channels = pending.slice(0, count).flatMap(({ body }) => ('channel' in body ? [body.channel] : []));
  const channel = channels.at(-1);
  return channel === undefined ? {} : { channel };
}

export const turnBegan: Transition<void> = ({
  replySeq: _said,
  listening: _waits,
  interruptions: _times,
  ...state
}) => ({
  ...state,
  turn: state.turn + 1,
  turnsInRun: state.turnsInRun + 1,
  calls: [],
});

/** The calls of this turn have ended. */
export const traced: Transition<void> = (state) => ({ ...state, traces: tracesAfter(state) });

/** The turn is over: its observation has the next sequence number. Until that is known, people see what was called. */
export const turnClosed: Transition<void> = (state) => ({
  ...state,
  nextSeq: state.nextSeq + 1,
  lastObservation: state.calls.length === 0 ? 'replied' : state.calls.map(callInWords).join('; '),
  unread: {
    ...state.unread,
    results: state.unread.results || state.calls.some(givesResult),
    annotations: state.unread.annotations || state.calls.some((call) => mayAnnotate(state, call)),
  },
  calls: [],
});

/** What the turn came to. */
export const observed: Transition<Observation> = (state, observation) => ({
  ...state,
  lastObservation: observation.summary,
  markers: [...state.markers, ...observation.markers].slice(-KEPT_MARKERS),
});

function callInWords({ name, phase }: Call): string {
  return `${name}: ${phase.kind === 'settled' && phase.ok ? 'ok' : 'not ok'}`;
}

/** Control tools give no result of their own, nor do calls that could not be made. */
function givesResult({ control, problem }: Call): boolean {
  return control === undefined && problem === undefined;
}

function mayAnnotate({ description }: TaskState, { name }: Call): boolean {
  return description?.tools.find((tool) => tool.name === name)?.annotates === true;
}

/** The turn is over: did one of its calls fail? */
export const failuresCounted: Transition<void> = (state) => {
  const failed = state.calls.some(({ phase }) => phase.kind === 'settled' && phase.ok === false);
  return { ...state, failedTurns: failed ? state.failedTurns + 1 : 0 };
};

/** Memory reads what has come so far. */
export const memoryRead: Transition<void> = (state) => ({
  ...state,
  unread: { from: state.nextSeq, messages: false, results: false, annotations: false },
  rememberedPlan: planMark(state),
});

/** What came up to `upTo` is now in the summary at `seq`; the window slides when it has to. */
export const summarized: Transition<{ readonly seq: number; readonly upTo: number; readonly usage: Usage }> = (
  state,
  { seq, upTo, usage },
) => ({ ...spend(state, usage), nextSeq: seq + 1, summary: { seq, upTo } });

/** A prompt is there: what it has chosen holds for the next ones, too, and what it was counted to is compared. */
export const contextAssembled: Transition<Pick<ContextSummary, 'windowFrom' | 'offered' | 'tokens'>> = (
  state,
  { windowFrom, offered, tokens },
) => ({
  ...state,
  promptTokens: tokens,
  ...(windowFrom === undefined ? {} : { windowFrom }),
  ...(offered === undefined ? {} : { offered }),
});

/** What the next run begins with: the same task, to be described anew. */
export function continuedState(state: TaskState): TaskState {
  const { description: _description, offered: _chosen, ...rest } = state;
  return { ...rest, turnsInRun: 0, calls: [] };
}
