import type { AssembledContext } from '../../contracts/projection.ts';

/** A context of one message. */
export function contextOf(content: string, more: Partial<AssembledContext> = {}): AssembledContext {
  const left: [] = [];
  return {
    contextId: 't1',
    turn: 1,
    at: '2026-01-01T00:00:00.000Z',
    messages: [{ role: 'user', content }],
    tools: [],
    tokens: 9,
    sections: [{ name: 'input', tokens: 9, budget: 100, leftOut: 0, messages: { from: 0, to: 1 }, left }],
    memories: [],
    tokenizer: { name: 'o200k_base', exact: true, model: 'gpt-4.1-mini' },
    route: { answerTokens: 1_000, fallbacks: [] },
    account: {
      id: 'digger:one',
      limits: { tokens: 1_000_000, turns: 100, activeMs: 3_600_000 },
      spent: [],
    },
    shrink: 1,
    ...more,
  };
}
