/** How long an answer serves everybody who asks the same. */
const SHARED_MS = 1_000;

/** Answers to questions that many ask at once: asked once, for all. */
export interface SharedAnswers {
  ask<Answer>(question: string, answer: () => Promise<Answer>): Promise<Answer>;
}

export function createSharedAnswers(): SharedAnswers {
  const asked = new Map<string, Promise<unknown>>();
  return {
    ask: async <Answer>(question: string, answer: () => Promise<Answer>): Promise<Answer> => {
      const known = asked.get(question);
      // The same question is always asked with the same kind of answer.
      if (known) return known as Promise<Answer>;
      const asking = answer();
      asked.set(question, asking);
      const forget = (): void => void setTimeout(() => asked.delete(question), SHARED_MS).unref();
      asking.then(forget, forget);
      return asking;
    },
  };
}
