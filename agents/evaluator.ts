import { z } from 'zod';
import { failure, FailureType } from '../contracts/failures.ts';
import type { Judgement, Work } from '../contracts/judgement.ts';
import { verdictNames } from '../contracts/judgement.ts';

/** Judges the work of an agent: a function of the user's, or a server. */
export interface Evaluator {
  /** Lower case, digits and dashes. */
  readonly name: string;
  /** @throws any error where it cannot judge; it is asked again, and after some attempts the task is blocked */
  evaluate(work: Work, options: { readonly signal: AbortSignal }): Promise<Judgement>;
}

const judgement = z.object({
  verdict: z.enum(verdictNames),
  score: z.number().min(0).max(1).exactOptional(),
  reasons: z.array(z.string()).max(50).default([]),
});

/** Checks what an evaluator answered. @throws ApplicationFailure `InvalidJudgement`, which is not retried */
export function readJudgement(evaluator: string, answer: unknown): Judgement {
  const parsed = judgement.safeParse(answer);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(all)'}: ${issue.message}`);
  const message = `Evaluator "${evaluator}" answered with no judgement: ${problems.join('; ')}. Let it answer {"verdict":"continue"|"revise"|"ask"|"stop","score"?:0…1,"reasons":[…]}, then resume the task.`;
  throw failure(FailureType.InvalidJudgement, { message });
}

/**
 * An evaluator behind HTTP: the work is sent by POST as JSON, and the answer is a judgement as JSON.
 * @param options.headers sent with every request, e.g. for authorisation
 */
export function httpEvaluator(options: {
  readonly name: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}): Evaluator {
  const { name, url, headers = {} } = options;
  return {
    name,
    evaluate: async (work, { signal }) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(work),
        signal,
      });
      if (!response.ok) throw new Error(`${url} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
      return readJudgement(name, await response.json());
    },
  };
}
