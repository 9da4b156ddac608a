import { taskIdOf } from '../../contracts/ids.ts';
import type { IsoTime } from '../../contracts/json.ts';
import type { AgentTaskInput } from '../../contracts/task.ts';
import { inputText } from '../../contracts/transcript.ts';
import type { TaskState } from './task-state.ts';

/** The state of a task that has just been started; its input is the first entry of the transcript. */
export function openState(start: AgentTaskInput, at: IsoTime): TaskState {
  return {
    format: 1,
    task: { tenant: start.tenant, taskId: taskIdOf(start) },
    agent: start.agent,
    key: start.key,
    goal: '',
    ...(start.subject === undefined ? {} : { subject: start.subject }),
    ...(start.policy === undefined ? {} : { policyOverride: start.policy }),
    plan: [],
    turn: 0,
    turnsInRun: 0,
    nextSeq: 1,
    windowFrom: 1,
    pending: [
      {
        source: { kind: 'start' },
        body: { kind: 'message', at, from: start.startedBy, text: inputText(start.input) },
      },
    ],
    events: [],
    calls: [],
    questions: [],
    questionCount: 0,
    startedBy: start.startedBy,
    senders: [],
    closed: [],
    messages: [],
    notices: [],
    remembered: [],
    toRegister: [],
    idleTurns: 0,
    unread: { from: 1, messages: false, results: false, annotations: false },
    traces: [],
    progressTurn: 0,
    finishProblems: 0,
    sentBack: { critique: 0, evaluation: 0 },
    planRevisions: 0,
    failedTurns: 0,
    newsSincePlan: false,
    extraBudget: { tokens: 0, money: 0, turns: 0, minutes: 0 },
    spent: { promptTokens: 0, completionTokens: 0, money: 0 },
    tokensPerTurn: [],
    markers: [],
    seen: [],
    waitedMs: 0,
    startedAt: at,
    updatedAt: at,
  };
}
