import { askPerson } from './ask-person.ts';
import type { loopOf } from '../rules/loops.ts';
import { loopText } from '../rules/loops.ts';
import type { TaskRun } from '../run/task-run.ts';
import { block } from '../run/attempt.ts';
import { noted } from '../transitions/transition.ts';

/** What is done about a loop: the model is told; later a person is asked; then the task is blocked. */
export async function breakLoop(run: TaskRun, loop: NonNullable<ReturnType<typeof loopOf>>): Promise<void> {
  const { finding, step } = loop;
  const happened = loopText(finding);
  if (step === 'tell') {
    const advice =
      'Doing the same again will change nothing. Try another way, change the plan, ask, or give up with finish.';
    return run.cell.apply(noted, `${happened}. ${advice}`);
  }
  if (step === 'ask') return askPerson(run, `${happened}. How shall the task go on?`);
  const message = `${happened}. See why, send the task a message that helps, then resume it.`;
  block(run, 'observe', { type: finding.kind === 'same-call' ? 'Loop.SameCall' : 'Loop.NoProgress', message });
}
