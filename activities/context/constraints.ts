import type { RecalledMemory } from '../../contracts/memory-query.ts';
import type { MemorySection } from './memory-section.ts';
import { memorySection } from './memory-section.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Does this bind the task, rather than inform it? */
export function isConstraint({ memory }: RecalledMemory): boolean {
  return memory.kind === 'constraint' || memory.kind === 'preference';
}

/** Constraints and preferences of the subject. */
export function constraintsSection(
  recalled: readonly RecalledMemory[],
  within: { readonly tokenizer: Tokenizer; readonly budget: number },
): MemorySection {
  return memorySection('constraints', 'Constraints and preferences to keep to:', recalled.filter(isConstraint), within);
}
