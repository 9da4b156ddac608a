import type { Tool } from './define-tool.ts';

/**
 * Tools that live in another process, e.g. an MCP server. A definition only: nothing is connected or started before a
 * worker needs the tools.
 */
export interface ToolSource {
  readonly kind: 'mcp';
  /** Unique within an agent; begins the names of its tools. */
  readonly name: string;
  /** Where it is, for people: a command or a URL. */
  readonly address: string;
  open(): OpenToolSource;
}

/** A source in use. */
export interface OpenToolSource {
  /**
   * Its tools; connects where it is not connected.
   * @throws an error that says what does not answer, and why
   */
  tools(): Promise<readonly Tool[]>;
  /** Ends the connection, and the process where it started one. */
  close(): Promise<void>;
}

/** The sources that a worker has open. */
export interface ToolSources {
  /** The tools of these sources, in their order; each source is opened when it is first asked for. */
  toolsOf(sources: readonly ToolSource[]): Promise<readonly Tool[]>;
  /** Closes all of them. */
  close(): Promise<void>;
}

export function isToolSource(value: Tool | ToolSource): value is ToolSource {
  return 'open' in value;
}

/** Keeps sources open from their first use until the worker ends. */
export function createToolSources(): ToolSources {
  const opened = new Map<ToolSource, OpenToolSource>();
  const open = (source: ToolSource): OpenToolSource => {
    const known = opened.get(source) ?? source.open();
    opened.set(source, known);
    return known;
  };
  return {
    toolsOf: async (sources) => (await Promise.all(sources.map((source) => open(source).tools()))).flat(),
    close: async () => {
      const closing = [...opened.values()].map((source) => source.close());
      opened.clear();
      await Promise.allSettled(closing);
    },
  };
}
