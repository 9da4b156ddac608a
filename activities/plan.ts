import { z } from 'zod';
import { failure, FailureType } from '../contracts/failures.ts';
import { planProblem } from '../contracts/plan.ts';
import type { PlanReason, Stages } from '../contracts/stages.ts';
import { abortSignal, beating } from './attempt.ts';
import { askStructured } from './model/ask-structured.ts';
import type { StageDependencies } from './dependencies.ts';
import { openModel } from './model/open-model.ts';
import { now, publish } from './transcript/publish.ts';

const INSTRUCTIONS = `You now make the plan for the task above; you do not carry it out.
Break the goal into the fewest subgoals that each can be worked on and checked by itself, with the tools there are. Each has a condition by which anyone can see that it is done. Name what must come before it. Put them in the order in which they should be done.`;

const REASONS: Readonly<Record<PlanReason, string>> = {
  start: 'There is no plan yet.',
  failure: 'What was tried for the present step has failed. Find another way to the goal.',
  news: 'Something new has come. Change the plan where it bears on it, and keep the rest.',
  stuck: 'No step of the plan can begin. Make a plan that can.',
};

const id = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'lower case letters, digits, _ and -');
const proposal = z.object({
  subgoals: z
    .array(
      z.object({
        id,
        title: z.string().min(1).max(300),
        doneWhen: z.string().min(1).max(500).describe('The condition by which it is done'),
        after: z.array(id).max(20).optional().describe('Ids of the subgoals that must be over before'),
      }),
    )
    .min(1)
    .max(40),
});

/** Has a model make the plan, over the context that was assembled for it. What is done is not planned again. */
export function createPlan(dependencies: StageDependencies): Stages['plan'] {
  return async function plan(input) {
    const { task, turn, contextId, reason, over } = input;
    const context = await dependencies.contexts.load(task, contextId);
    if (!context) {
      const message = `Context ${contextId} of ${task.taskId} is not in Redis any more; it is assembled again.`;
      throw failure(FailureType.ContextMissing, { message });
    }
    const kept = over.length === 0 ? '' : ` These are over and stay; leave them out: ${over.join(', ')}.`;
    const messages = [
      ...context.messages,
      {
        role: 'system' as const,
        content: `${INSTRUCTIONS} The tools: ${context.tools.map(({ name }) => name).join(', ')}.`,
      },
      { role: 'user' as const, content: `${REASONS[reason]}${kept}` },
    ];
    const tool = { name: 'set_plan', description: 'Set the plan.', schema: proposal };
    const signal = abortSignal();
    const problemOf = ({ subgoals }: z.output<typeof proposal>) => planProblem(subgoals.map(withoutUndefined), over);
    const { answer, usage } = await beating(() =>
      askStructured(openModel(dependencies, { ...context, ...input }), { messages, tool, problemOf, signal }),
    );
    const subgoals = answer.subgoals.map(withoutUndefined);
    await publish(dependencies, task, { type: 'planned', at: now(), turn, reason, subgoals });
    return { subgoals, usage };
  };
}

type Proposed = z.output<typeof proposal>['subgoals'][number];

function withoutUndefined({ after, ...subgoal }: Proposed) {
  return after === undefined || after.length === 0 ? subgoal : { ...subgoal, after };
}
