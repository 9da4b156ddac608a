import type { UpdateDefinition } from '@temporalio/common';
import { CancellationScope, condition, setHandler, workflowInfo } from '@temporalio/workflow';
import type { TimerOptions } from '@temporalio/workflow';

/*
 * The order of what an activation brings: first the ends of activities and timers, with all that follows from them, then
 * messages, then the ends of local stages. Temporal may give a worker that takes a task over one after the other what a
 * replay is given at once, so the order must not be that of their coming; see docs/decisions/0018.
 */

/** Conditions that have come to hold, in this run. */
let woken = 0;
/** When messages were last taken. A workflow task that only refused what came leaves no trace in the history's length. */
let taken = { length: -1, ms: -1 };

/** Returns when it holds. @throws CancelledFailure once the task is cancelled */
export async function until(holds: () => boolean): Promise<void> {
  await condition(holds);
  woken += 1;
}

/** The same, for so long; false when the time was over first. */
export async function untilOrTimeout(holds: () => boolean, ms: number, options: TimerOptions): Promise<boolean> {
  const held = await condition(holds, ms, options);
  woken += 1;
  return held;
}

/** Has messages taken in every workflow task, when all else that it brought has had its consequences. Never returns. */
export async function keepOrder(takeMessages: () => void): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    for (;;) {
      await condition(() => !haveBeenTaken() || taken.ms !== Date.now());
      await untilQuiet();
      taken = { length: workflowInfo().historyLength, ms: Date.now() };
      takeMessages();
    }
  });
}

/**
 * Takes what has come of an update. It has a handler only while it is taken: Temporal keeps it for so long within a
 * workflow task, and would otherwise accept it before what else the task brought.
 */
export function takeUpdate<Result, Args extends [unknown]>(
  update: UpdateDefinition<Result, Args>,
  handler: (...args: Args) => Result,
  options: { readonly validator: (...args: Args) => void },
): void {
  setHandler(update, handler, options);
  setHandler(update, undefined);
}

/** Returns when messages that came with this workflow task have been taken, and have had their consequences. */
export async function afterMessages(): Promise<void> {
  if (haveBeenTaken()) return;
  await condition(haveBeenTaken);
  await untilQuiet();
}

function haveBeenTaken(): boolean {
  return taken.length === workflowInfo().historyLength;
}

/** Returns after two rounds of conditions in which none was woken: one may wake another that was looked at before. */
async function untilQuiet(): Promise<void> {
  for (let quiet = 0; quiet < 2;) {
    const before = woken;
    await nextRound();
    quiet = woken === before ? quiet + 1 : 0;
  }
}

/** Returns when conditions are looked at the next time. */
async function nextRound(): Promise<void> {
  let looked = false;
  await condition(() => {
    const again = looked;
    looked = true;
    return again;
  });
}
