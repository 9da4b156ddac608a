import { z } from 'zod';
import { defineTool } from '../define-tool.ts';
import { timeoutMs } from './fields.ts';
import { look } from './look.ts';

const HEAD_BYTES = 2_000;
const shownHeaders = ['content-type', 'content-length', 'server', 'location', 'retry-after', 'date', 'cache-control'];

/** Asks a URL and says how it answered. */
export const httpCheck = defineTool({
  name: 'http_check',
  description:
    'Sends one HTTP request and answers the status, the latency, some headers and the beginning of the body. ' +
    'Redirects are not followed. A server that cannot be reached is a result: { reachable: false, error }.',
  input: z.object({
    url: z.url({ protocol: /^https?$/ }),
    method: z.enum(['GET', 'HEAD']).default('GET'),
    timeoutMs,
  }),
  effect: 'read',
  timeoutMs: 35_000,
  execute: async (input, { signal }) => {
    const { url, method } = input;
    const seen = await look({ signal, timeoutMs: input.timeoutMs }, async (abort) => {
      const response = await fetch(url, { method, signal: abort, redirect: 'manual' });
      return { response, ...(await readHead(response)) };
    });
    if (!seen.ok) return { reachable: false, url, error: seen.error, latencyMs: seen.latencyMs };
    const { response, body, bodyCut } = seen.finding;
    const headers = Object.fromEntries([...response.headers].filter(([name]) => shownHeaders.includes(name)));
    const { status, ok } = response;
    return { reachable: true, url, status, ok, latencyMs: seen.latencyMs, headers, body, bodyCut };
  },
});

async function readHead(response: Response): Promise<{ readonly body: string; readonly bodyCut: boolean }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop cancels the rest, however long it is.
    if (bytes > HEAD_BYTES) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, HEAD_BYTES).toString('utf8'), bodyCut: bytes > HEAD_BYTES };
}
