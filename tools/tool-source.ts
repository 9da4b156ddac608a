import type { Tool } from './define-tool.ts';

/**
 * Tools that live in another process, e.g. an MCP server. A definition only: nothing is connected or started before a
 * worker needs the tools.
 */
export interface ToolSource {
  readonly kind: 'mcp';
  /** Unique within an agent; begins the names of its tools, unless it is told not to. */
  readonly name: string;
  /** Where it is, for people: a command or a URL. */
  readonly address: string;
  open(): OpenToolSource;
}

/** A tool that a source has and that is not offered. */
export interface LeftOutTool {
  /** As the source names it. */
  readonly name: string;
  /** For people: a sentence. */
  readonly why: string;
}

/** A source in use. */
export interface OpenToolSource {
  /**
   * Its tools; connects where it is not connected.
   * @throws SourceAway where it does not answer, or does not let us in
   */
  tools(): Promise<readonly Tool[]>;
  /** What it had beside these when it was last asked. Default: nothing. */
  leftOut?(): readonly LeftOutTool[];
  /** Ends the connection, and the process where it started one. */
  close(): Promise<void>;
}

/** A source does not answer, or does not let us in. The message names it and says why; `remedy` says what to do. */
export class SourceAway extends Error {
  override readonly name = 'SourceAway';
  readonly remedy: string;
  /** The HTTP status with which it answered, where it did. */
  readonly status: number | undefined;

  constructor(message: string, { remedy, status, ...options }: ErrorOptions & SourceAwayDetails) {
    super(message, options);
    this.remedy = remedy;
    this.status = status;
  }
}

interface SourceAwayDetails {
  readonly remedy: string;
  readonly status?: number | undefined;
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

/** Tools of sources whose names are free, the first of a name; the others cannot be called. */
export function withFreeNames(
  tools: readonly Tool[],
  taken: ReadonlySet<string>,
): { readonly free: readonly Tool[]; readonly shadowed: readonly Tool[] } {
  const names = new Set(taken);
  const free: Tool[] = [];
  const shadowed: Tool[] = [];
  for (const tool of tools) {
    const { name } = tool.description;
    (names.has(name) ? shadowed : free).push(tool);
    names.add(name);
  }
  return { free, shadowed };
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
