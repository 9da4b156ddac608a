import { search } from '@jmespath-community/jmespath';
import { z } from 'zod';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { refuse } from '../../refusal.ts';
import { openPermittedFile, pathField } from './file-root.ts';
import type { FileRoot } from './file-root.ts';
import { refuseBinary } from './read-file.ts';

const LARGEST_FILE = 16 * 1024 * 1024;

/** Makes the tool that reads JSON files under one folder, and parts of them. */
export function createReadJsonTool({ root }: FileRoot): Tool {
  return defineTool({
    name: 'read_json',
    description:
      'Reads a JSON file, or the part that a JMESPath expression selects: `orders[?total > `100`].{id: id, total: total}`, ' +
      '`keys(@)`, `length(items)`. Begin with `keys(@)` or `length(@)` where the file may be large.',
    input: z.object({ file: pathField, query: z.string().min(1).max(1_000).optional().describe('JMESPath') }),
    effect: 'read',
    timeoutMs: 30_000,
    from: 'built-in',
    grants: [`root: ${root}`],
    execute: async ({ file, query }, { signal }) => {
      const value = parse(file, await textOf(root, file, signal));
      return { file, ...(query === undefined ? { value } : { query, value: select(value, query) }) };
    },
  });
}

async function textOf(root: string, file: string, signal: AbortSignal): Promise<string> {
  const handle = await openPermittedFile(root, file);
  try {
    const { size } = await handle.stat();
    if (size > LARGEST_FILE) refuse(`${file} has ${size} bytes; JSON files are read up to ${LARGEST_FILE}.`);
    await refuseBinary(handle, { file, size });
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await handle.read(bytes, 0, size, 0);
    signal.throwIfAborted();
    return bytes
      .subarray(0, bytesRead)
      .toString('utf8')
      .replace(/^\uFEFF/, '');
  } finally {
    await handle.close();
  }
}

type JsonValue = Parameters<typeof search>[0];

function parse(file: string, text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    return refuse(`${file} is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function select(value: JsonValue, query: string): unknown {
  try {
    return search(value, query);
  } catch (error) {
    return refuse(`The query cannot be answered: ${error instanceof Error ? error.message : String(error)}`);
  }
}
