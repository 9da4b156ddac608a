import { z } from 'zod';
import type { JsonSchema } from '../../contracts/json.ts';
import type { ToolHints } from '../define-tool.ts';
import type { LeftOutTool } from '../tool-source.ts';
import type { McpConnection } from './mcp-connection.ts';

const MOST_PAGES = 100;
const LONGEST_NAME = 200;

/** A tool as its server lists it. */
export interface McpListedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly hints: ToolHints;
}

/** What a server has: what can be read of it, and what cannot. */
export interface McpListing {
  readonly tools: readonly McpListedTool[];
  readonly leftOut: readonly LeftOutTool[];
}

const page = z.looseObject({
  tools: z.array(z.unknown()).catch([]),
  nextCursor: z.string().optional().catch(undefined),
});

const listed = z.looseObject({
  name: z.string().min(1).max(LONGEST_NAME),
  title: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  inputSchema: z.record(z.string(), z.unknown()).nullish(),
  annotations: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

/** Asks a server for its tools, page by page. They are read one by one: an odd one costs itself only. */
export async function listMcpTools({ client }: McpConnection, timeoutMs: number): Promise<McpListing> {
  const raw: unknown[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const { tools, nextCursor } = await client.request({ method: 'tools/list', params }, page, { timeout: timeoutMs });
    raw.push(...tools);
    if (nextCursor === undefined || nextCursor === '' || nextCursor === cursor) break;
    cursor = nextCursor;
  }
  return readListing(raw);
}

/** Reads a list as a server sent it; of two tools of one name, the first counts. */
export function readListing(raw: readonly unknown[]): McpListing {
  const tools = new Map<string, McpListedTool>();
  const leftOut: LeftOutTool[] = [];
  raw.forEach((one, index) => {
    const read = listed.safeParse(one);
    if (!read.success) leftOut.push({ name: nameOf(one) ?? `tool ${index + 1}`, why: problemIn(read.error) });
    else if (tools.has(read.data.name)) leftOut.push({ name: read.data.name, why: 'The server lists it twice.' });
    else tools.set(read.data.name, toolFrom(read.data));
  });
  return { tools: [...tools.values()], leftOut };
}

function toolFrom({ name, title, description, inputSchema, annotations = {} }: z.output<typeof listed>): McpListedTool {
  return {
    name,
    description: description || title || name,
    inputSchema: objectSchema(inputSchema ?? {}),
    hints: {
      ...hint('readOnly', annotations['readOnlyHint']),
      ...hint('destructive', annotations['destructiveHint']),
      ...hint('idempotent', annotations['idempotentHint']),
      ...hint('openWorld', annotations['openWorldHint']),
    },
  };
}

/** Arguments are an object whatever a schema forgets to say. */
function objectSchema(schema: Readonly<Record<string, unknown>>): JsonSchema {
  return { ...schema, type: 'object' };
}

function hint(name: keyof ToolHints, value: unknown): ToolHints {
  return typeof value === 'boolean' ? { [name]: value } : {};
}

function nameOf(one: unknown): string | undefined {
  const name: unknown = Object(one).name;
  return typeof name === 'string' && name !== '' ? name.slice(0, LONGEST_NAME) : undefined;
}

function problemIn({ issues }: z.ZodError): string {
  const where = issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  return `What the server lists of it cannot be read: ${where.join('; ')}.`;
}
