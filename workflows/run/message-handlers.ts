import { currentUpdateInfo, log, setHandler } from '@temporalio/workflow';
import { failure, FailureType } from '../../contracts/failures.ts';
import { taskMessageNames } from '../../contracts/messages.ts';
import type { MessageReceipt, TaskMessageName, TaskMessages } from '../../contracts/messages.ts';
import type { InputSource } from '../../contracts/transcript.ts';
import { takeUpdate } from './order.ts';
import { progressQuery, signalOf, updateOf } from '../messages.ts';
import { isActor, mayComeYet, refusalOf } from '../rules/refusals.ts';
import type { TaskCell } from './task-cell.ts';
import { now } from './task-cell.ts';
import { progressOf } from '../state/progress.ts';
import { isOver, statusOf } from '../state/status.ts';
import type { TaskState } from '../state/task-state.ts';
import { answered } from '../transitions/questions.ts';
import { approvalsChanged, approved, rejected } from '../transitions/approvals.ts';
import { budgetRaised } from '../transitions/budget.ts';
import { cancelled } from '../transitions/endings.ts';
import {
  earlyOf,
  earlyOver,
  hasRoomForEarly,
  interrupted,
  keptEarly,
  mayInterrupt,
  messageRefused,
  messageSent,
  messageTaken,
} from '../transitions/messages.ts';
import { delegated } from '../transitions/requests.ts';
import { paused, resumed } from '../transitions/pauses.ts';

/** What a message sets in motion beyond the state. */
export interface MessageEffects {
  /** What cannot wait for the end of the running model call breaks it off; false where none runs. */
  interrupt(): boolean;
  cancel(): void;
}

/**
 * Makes the task listen: to every message as an update, and as a signal where no worker was up to answer one.
 * @returns takes what has come
 */
export function listen(cell: TaskCell, effects: MessageEffects): () => void {
  setHandler(progressQuery, () => progressOf(cell.state, now()));
  const left: (() => void)[] = [];
  const updates = taskMessageNames.map((name) => listenFor(cell, effects, name, left));
  return () => {
    for (const take of left.splice(0)) take();
    for (const take of updates) take();
  };
}

/** @returns takes the updates of this name */
function listenFor<Name extends TaskMessageName>(
  cell: TaskCell,
  effects: MessageEffects,
  name: Name,
  left: (() => void)[],
): () => void {
  const take = (message: TaskMessages[Name], source: InputSource): MessageReceipt => {
    const duplicate = cell.state.seen.includes(message.id);
    const taker: Taker<Name> = takers[name];
    if (!duplicate) {
      cell.apply(messageTaken, { name, by: message.by });
      taker(cell, message, source, effects);
    }
    return { status: statusOf(cell.state).kind, duplicate };
  };
  const takeLeft = (message: TaskMessages[Name]): void => {
    const refusal = refusalOf(cell.state, name, message, now());
    if (refusal === undefined) take(message, { kind: 'signal', id: message.id });
    else if (refusal.code === 'Unknown' && mayComeYet(cell.state, name, message) && hasRoomForEarly(cell.state)) {
      cell.apply((state: TaskState) => keptEarly(state, name, message), undefined);
    } else refuseLeft(cell, name, message, refusal.message);
  };
  setHandler(signalOf(name), (message) => void left.push(() => takeLeft(message)));
  const update = updateOf(name);
  return () => {
    for (const message of earlyOf(cell.state, name)) {
      if (isEarlyStill(cell.state, name, message)) continue;
      cell.apply(earlyOver, { name, id: message.id });
      takeLeft(message);
    }
    takeUpdate(update, (message) => take(message, { kind: 'update', id: currentUpdateInfo()?.id ?? message.id }), {
      validator: (message: TaskMessages[Name]) => {
        const refusal = refusalOf(cell.state, name, message, now());
        if (refusal === undefined) return;
        const { code, message: why } = refusal;
        throw failure(FailureType.Refused, { message: why, details: [{ refusal: code }] });
      },
    });
  };
}

/** Is what this message is about still to be asked? */
function isEarlyStill<Name extends TaskMessageName>(
  state: TaskState,
  name: Name,
  message: TaskMessages[Name],
): boolean {
  return refusalOf(state, name, message, now())?.code === 'Unknown' && mayComeYet(state, name, message);
}

/** Nobody can tell its sender any more, so it stands where people look. */
function refuseLeft(cell: TaskCell, name: TaskMessageName, { id, by }: Signed, why: string): void {
  log.warn(`a ${name} signal was refused: ${why}`, { messageId: id });
  if (!isActor(by) || isOver(cell.state)) return;
  cell.apply(messageRefused, { name, by, refused: why });
}

type Signed = Pick<TaskMessages[TaskMessageName], 'id' | 'by'>;

type Taker<Name extends TaskMessageName> = (
  cell: TaskCell,
  message: TaskMessages[Name],
  source: InputSource,
  effects: MessageEffects,
) => void;

const takers: { readonly [Name in TaskMessageName]: Taker<Name> } = {
  send: (cell, message, source, effects) => {
    cell.apply(messageSent, { message, source });
    if (!mayInterrupt(cell.state) || !effects.interrupt()) return;
    cell.apply(interrupted, undefined);
  },
  answer: (cell, message, source) => cell.apply(answered, { message, source }),
  approve: (cell, message, source) => cell.apply(approved, { message, source }),
  reject: (cell, message, source) => cell.apply(rejected, { message, source }),
  delegate: (cell, message) => cell.apply(delegated, message),
  approvals: (cell, message) => cell.apply(approvalsChanged, message),
  resume: (cell, message, source) => cell.apply(resumed, { message, source }),
  budget: (cell, message) => cell.apply(budgetRaised, message),
  pause: (cell, message, _source, effects) => {
    cell.apply(paused, message);
    if (message.now === true) effects.interrupt();
  },
  cancel: (cell, message, _source, effects) => {
    cell.apply(cancelled, message);
    effects.cancel();
  },
};
