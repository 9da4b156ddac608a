import type { RecalledMemory } from '../../contracts/memory-query.ts';
import type { MemorySection } from './memory-section.ts';
import { memorySection } from './memory-section.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Is this something that was tried in vain? */
export function isFailure({ memory }: RecalledMemory): boolean {
  return memory.kind === 'failed-strategy';
}

/** Failed strategies, each with the condition under which trying again makes sense. */
export function failuresSection(
  recalled: readonly RecalledMemory[],
  within: { readonly tokenizer: Tokenizer; readonly budget: number },
): MemorySection {
  const heading = 'Tried in vain. Do not try again unless the condition holds:';
  const told = memorySection('failures', heading, recalled.filter(isFailure).map(withCondition), within);
  const ids = new Set(told.shown.map(({ memory }) => memory.id));
  return { ...told, shown: recalled.filter(({ memory }) => ids.has(memory.id)) };
}

/** The memory's text, which may not say when to try again, with its condition. */
function withCondition(recalled: RecalledMemory): RecalledMemory {
  const { memory } = recalled;
  const retryWhen = memory.data?.['retryWhen'];
  if (typeof retryWhen !== 'string' || memory.text.includes(retryWhen)) return recalled;
  return { ...recalled, memory: { ...memory, text: `${memory.text} Do not try again unless ${retryWhen}.` } };
}
