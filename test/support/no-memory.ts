import type { ToolMemory } from '../../tools/tool-memory.ts';

/** For tools that must not look at memory: whatever they ask throws. */
export function noMemory(): ToolMemory {
  const unexpected = async (): Promise<never> => {
    throw new Error('the test did not expect a look at memory');
  };
  return {
    recall: unexpected,
    remember: unexpected,
    get: unexpected,
    documents: {
      current: unexpected,
      begin: unexpected,
      write: unexpected,
      finish: unexpected,
      remove: unexpected,
      paths: unexpected,
    },
    shelf: () => {
      throw new Error('the test did not expect a look at documents');
    },
  };
}
