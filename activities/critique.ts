import { z } from 'zod';
import { failure, FailureType } from '../contracts/failures.ts';
import type { Judgement, Occasion } from '../contracts/judgement.ts';
import type { Stages } from '../contracts/stages.ts';
import { abortSignal, beating } from './attempt.ts';
import { askStructured } from './model/ask-structured.ts';
import type { StageDependencies } from './dependencies.ts';
import { openModel } from './model/open-model.ts';
import { recordVerdict } from './transcript/verdict-entry.ts';
import { workOf } from './transcript/work-of.ts';

/** What the critique is told, where the policy has no words of its own. */
export const CRITIQUE_PROMPT = `You now judge the work above as a strict reviewer; you do not go on with it.
Check it against the goal, the plan, what people asked for, and what the tools really answered. Believe no claim that no tool or person bears out.
Ask for a revision only for what is wrong or missing and can be mended, each reason one sentence that says what to do.`;

const OCCASIONS: Readonly<Record<Occasion, string>> = {
  finish: 'The agent wants to end the task with this result:',
  turns: 'The agent is on its way.',
  failure: 'A call has just failed.',
};

const verdict = z.object({
  verdict: z.enum(['continue', 'revise']).describe('continue: it is good as it is'),
  score: z.number().min(0).max(1).optional().describe('How good it is'),
  reasons: z.array(z.string().min(1).max(1_000)).max(20).describe('What to mend; empty where nothing is'),
});

/** Has a model look critically at the work, over the context that was assembled for it. */
export function createCritique(dependencies: StageDependencies): Stages['critique'] {
  return async function critique(input) {
    const { task, contextId, occasion, instructions } = input;
    const context = await dependencies.contexts.load(task, contextId);
    if (!context) {
      const message = `Context ${contextId} of ${task.taskId} is not in Redis any more; it is assembled again.`;
      throw failure(FailureType.ContextMissing, { message });
    }
    const { finish } = await workOf(dependencies, input);
    const asked = [
      ...context.messages,
      { role: 'system' as const, content: instructions === '' ? CRITIQUE_PROMPT : instructions },
      { role: 'user' as const, content: `${OCCASIONS[occasion]} ${finish ? JSON.stringify(finish) : ''}`.trim() },
    ];
    const model = openModel(dependencies, { ...context, ...input });
    const tool = { name: 'judge', description: 'Give your judgement of the work.', schema: verdict };
    const signal = abortSignal();
    const { answer, usage } = await beating(() =>
      askStructured(model, { messages: asked, tool, problemOf: withoutReasons, signal }),
    );
    const judgement: Judgement = {
      verdict: answer.verdict,
      reasons: answer.reasons,
      ...(answer.score === undefined ? {} : { score: answer.score }),
    };
    return { entry: await recordVerdict(dependencies, input, { from: 'critique', judgement }), usage };
  };
}

function withoutReasons({ verdict: given, reasons }: z.output<typeof verdict>): string | undefined {
  return given === 'revise' && reasons.length === 0 ? 'A revision needs reasons.' : undefined;
}
