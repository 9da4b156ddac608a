import { z } from 'zod';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { timeoutMs } from './fields.ts';
import { guardedFetch } from './guarded-fetch.ts';
import { look } from './look.ts';
import { createNetworkGate } from './network-grant.ts';
import type { NetworkGrant } from './network-grant.ts';
import { readBody } from './response-body.ts';

const HEAD_BYTES = 2_000;
const shownHeaders = ['content-type', 'content-length', 'server', 'location', 'retry-after', 'date', 'cache-control'];

/** Makes the tool that asks granted URLs and says how they answered. */
export function createHttpCheckTool(grant: NetworkGrant): Tool {
  const gate = createNetworkGate(grant);
  return defineTool({
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
    from: 'built-in',
    grants: gate.told,
    execute: async (input, { signal }) => {
      const { url, method } = input;
      const seen = await look({ signal, timeoutMs: input.timeoutMs }, (abort) =>
        guardedFetch(gate, { url, method, follow: false, signal: abort }, async ({ response }) => ({
          response,
          ...(await readBody(response, HEAD_BYTES)),
        })),
      );
      if (!seen.ok) return { reachable: false, url, error: seen.error, latencyMs: seen.latencyMs };
      const { response, ...read } = seen.finding;
      const headers = Object.fromEntries([...response.headers].filter(([name]) => shownHeaders.includes(name)));
      const { status, ok } = response;
      return { reachable: true, url, status, ok, latencyMs: seen.latencyMs, headers, ...read };
    },
  });
}
