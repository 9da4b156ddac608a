import type { RecalledMemory } from '../../contracts/memory-query.ts';
import type { SectionName } from '../../contracts/projection.ts';
import { fenceRecalled } from '../../memory/index.ts';
import { chooseLines } from './choose-lines.ts';
import type { Section } from './section.ts';
import { roomFor, textSection } from './section.ts';
import type { Tokenizer } from './tokenizer.ts';

/** A section of recalled memories, and which of them it holds. */
export interface MemorySection extends Section {
  readonly shown: readonly RecalledMemory[];
}

/** Memories under a heading, the best first, as many as fit. */
export function memorySection(
  name: SectionName,
  heading: string,
  recalled: readonly RecalledMemory[],
  { tokenizer, budget }: { readonly tokenizer: Tokenizer; readonly budget: number },
): MemorySection {
  const lines = recalled.map((one, rank) => ({ one, rank, text: one.memory.text }));
  const render = (chosen: readonly (typeof lines)[number][]): string =>
    `${heading}\n${fenceRecalled(chosen.map(({ one }) => one))}`;
  const { text, chosen, left } = chooseLines(lines, render, tokenizer, roomFor(budget));
  const dropped = left.map(({ one }) => ({ what: `${one.memory.kind} ${one.memory.id}`, why: 'budget' as const }));
  return { ...textSection(name, text, { tokenizer, left: dropped }), shown: chosen.map(({ one }) => one) };
}
