import type { MemoryPolicy } from '../contracts/memory-policy.ts';
import type { RecalledMemory } from '../contracts/memory-query.ts';
import type { MemoryStore } from '../contracts/memory-store.ts';
import type { Tool } from './define-tool.ts';
import type { ArtifactReading } from './read-artifact.ts';
import { readArtifactTool } from './read-artifact.ts';
import { recallTool } from './recall-tool.ts';
import { rememberTool } from './remember-tool.ts';

/** What the memory tools work on. */
export interface MemoryToolDependencies extends ArtifactReading {
  readonly memories: MemoryStore;
  /** What the agent of that name was granted. */
  readonly policyOf: (agent: string) => MemoryPolicy;
  /** Memories as a prompt may show them. */
  readonly fence: (recalled: readonly RecalledMemory[], options: { readonly ownTask: string }) => string;
}

/** The names of the memory tools, in their order. */
export const MEMORY_TOOL_NAMES = ['remember', 'recall', 'read_artifact'] as const;

/** `remember`, `recall` and `read_artifact`: offered to every agent, and run as ordinary stages. */
export function createMemoryTools(dependencies: MemoryToolDependencies): readonly Tool[] {
  return [rememberTool(dependencies), recallTool(dependencies), readArtifactTool(dependencies)];
}

/** The same without anything to work on, for whoever asks what they are and never calls them. */
export function describedMemoryTools(): readonly Tool[] {
  return createMemoryTools({
    get memories(): never {
      return unconnected();
    },
    get policyOf(): never {
      return unconnected();
    },
    get fence(): never {
      return unconnected();
    },
    get artifacts(): never {
      return unconnected();
    },
    get transcripts(): never {
      return unconnected();
    },
  });
}

function unconnected(): never {
  throw new Error('These memory tools only describe themselves. Make those that act with createMemoryTools.');
}
