import type { RecalledMemory } from '../../contracts/memory-query.ts';
import { isConstraint } from './constraints.ts';
import { isFailure } from './failures.ts';
import type { MemorySection } from './memory-section.ts';
import { memorySection } from './memory-section.ts';
import type { Tokenizer } from './tokenizer.ts';

/** What else is remembered that bears on the moment. */
export function memoriesSection(
  recalled: readonly RecalledMemory[],
  within: { readonly tokenizer: Tokenizer; readonly budget: number },
): MemorySection {
  const others = recalled.filter((one) => !isConstraint(one) && !isFailure(one));
  return memorySection('memories', 'Remembered:', others, within);
}
