import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { asProblem } from '../problems.ts';

/** A tool's answer as JSON; what was refused is told to the assistant as an error that it can act on. */
export async function answerTool(work: () => unknown): Promise<CallToolResult> {
  try {
    return { content: [{ type: 'text', text: JSON.stringify(await work(), undefined, 1) }] };
  } catch (error) {
    const { title, message, advice, code } = asProblem(error);
    // The advice of most problems speaks of HTTP; the detail says what to do.
    const text = code === 'too-many-requests' ? `${message} ${advice}` : `${title}: ${message}`;
    return { content: [{ type: 'text', text }], isError: true };
  }
}
