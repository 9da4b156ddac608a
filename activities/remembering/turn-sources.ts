import { isControlTool } from '../../contracts/control-calls.ts';
import type { Actor, TranscriptEntry } from '../../contracts/transcript.ts';
import type { ExtractionSource } from '../../memory/index.ts';
import { questionOf } from '../transcript/question-of.ts';

/** Tools that give back what is known already. */
const MEMORY_TOOLS: ReadonlySet<string> = new Set(['remember', 'recall', 'read_artifact']);
const TRUST = { person: 'person', service: 'tool', agent: 'model' } as const satisfies Record<Actor['kind'], string>;

/**
 * What a turn has brought from outside: messages and events, answers to questions, results of tools. Not the model's own
 * words, which nobody has confirmed, nor what was recalled.
 */
export function turnSources(taskId: string, turn: number, entries: readonly TranscriptEntry[]): ExtractionSource[] {
  return entries.flatMap((entry) => {
    const provenance = { taskId, turn, seq: entry.seq };
    if (entry.kind === 'message') {
      const { from, text, at } = entry;
      return [{ text, at, speaker: `${from.kind} ${from.id}`, trust: TRUST[from.kind], provenance }];
    }
    if (entry.kind !== 'tool' || entry.outcome.status !== 'ok') return [];
    const { name, at, outcome } = entry;
    if (name === 'ask_user' && outcome.by !== undefined) {
      const { by } = outcome;
      const text = `Asked: ${questionOf(entry, entries)}\nAnswered: ${outcome.text}`;
      return [{ text, at, speaker: `${by.kind} ${by.id}`, trust: TRUST[by.kind], provenance }];
    }
    if (isControlTool(name) || MEMORY_TOOLS.has(name)) return [];
    const tool = { ...provenance, tool: name };
    return [{ text: outcome.text, at, speaker: `tool ${name}`, trust: 'tool', provenance: tool }];
  });
}
