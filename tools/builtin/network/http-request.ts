import { z } from 'zod';
import type { ToolEffect } from '../../../contracts/agent.ts';
import type { ApprovalPolicy } from '../../../contracts/approval-policy.ts';
import { failure, FailureType } from '../../../contracts/failures.ts';
import { defineTool } from '../../define-tool.ts';
import type { Tool, ToolContext } from '../../define-tool.ts';
import { refuse } from '../../refusal.ts';
import { guardedFetch } from './guarded-fetch.ts';
import type { GuardedResponse } from './guarded-fetch.ts';
import { errorOf } from './look.ts';
import { createNetworkGate } from './network-grant.ts';
import type { NetworkGate, NetworkGrant } from './network-grant.ts';
import { readBody } from './response-body.ts';
import { retryAfterMs } from '../../retry-after.ts';

export interface HttpRequestOptions extends NetworkGrant {
  /**
   * `read` (the default) sends GET and HEAD; `idempotent` also PUT, DELETE, POST and PATCH, each with an
   * `idempotency-key` that the backend honours; `once` the same without that promise.
   */
  readonly effect?: ToolEffect;
  /** Default `http_get` for `read`, otherwise `http_request`. */
  readonly name?: string;
  /** Default `never` for `read`, otherwise `always`. */
  readonly approval?: ApprovalPolicy;
  /** Sent with each request, e.g. `authorization`; read where the worker runs and never seen by the model. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Default 30 seconds. */
  readonly timeoutMs?: number;
  /** Bytes of a body that are read. Default 256 KiB. */
  readonly largestBodyBytes?: number;
}

const READING = ['GET', 'HEAD'] as const;
const CHANGING = [...READING, 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const OWN_HEADERS =
  /^(host|connection|content-length|transfer-encoding|upgrade|te|trailer|expect|keep-alive|cookie|authorization|idempotency-key|proxy-.*)$/i;
/** Failures before a byte of the request was sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const headersSchema = z
  .record(
    z.string().regex(/^[\w-]{1,100}$/),
    z
      .string()
      .max(2_000)
      .regex(/^[^\r\n\0]*$/),
  )
  .refine((headers) => Object.keys(headers).every((name) => !OWN_HEADERS.test(name)), 'this header is not yours to set')
  .optional();
const target = { url: z.url({ protocol: /^https?$/ }).max(4_000), headers: headersSchema };

/** Makes the tool that asks HTTP services for something, within its hosts and methods. */
export function createHttpRequestTool(options: HttpRequestOptions): Tool {
  const { effect = 'read', timeoutMs = 30_000 } = options;
  const send = createSender(options, createNetworkGate(options));
  const shared = {
    effect,
    approval: options.approval ?? (effect === 'read' ? ('never' as const) : ('always' as const)),
    timeoutMs,
    from: 'built-in',
    grants: [...createNetworkGate(options).told, `methods: ${(effect === 'read' ? READING : CHANGING).join(', ')}`],
  };
  const answers =
    'Answers status, headers and body (JSON is parsed, binary content only named). A status of 400 and above is a result.';
  if (effect === 'read') {
    return defineTool({
      ...shared,
      name: options.name ?? 'http_get',
      description: `Reads from an HTTP service at one of: ${options.hosts.join(', ')}. Follows redirects. ${answers}`,
      input: z.object({ ...target, method: z.enum(READING).default('GET') }),
      execute: (input, context) => send(input, context),
    });
  }
  return defineTool({
    ...shared,
    name: options.name ?? 'http_request',
    description:
      `Sends a request that may change something to an HTTP service at one of: ${options.hosts.join(', ')}. ` +
      `Redirects are not followed. ${answers}`,
    input: z
      .object({
        ...target,
        method: z.enum(CHANGING),
        json: z.json().optional().describe('Sent as application/json'),
        text: z.string().max(200_000).optional().describe('Sent as it is; set a content-type'),
      })
      .refine(({ json, text }) => json === undefined || text === undefined, 'json or text, not both'),
    execute: (input, context) => send(input, context),
  });
}

interface HttpInput {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly json?: unknown;
  readonly text?: string | undefined;
}

function createSender(options: HttpRequestOptions, gate: NetworkGate) {
  const { effect = 'read', largestBodyBytes = 256 * 1024 } = options;
  return async (input: HttpInput, { signal, idempotencyKey }: ToolContext): Promise<unknown> => {
    const { url, method, headers, json, text } = input;
    const body = json === undefined ? text : JSON.stringify(json);
    const request = {
      url,
      method,
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
        ...(effect === 'idempotent' ? { 'idempotency-key': idempotencyKey } : {}),
      },
      secretHeaders: options.headers?.() ?? {},
      ...(body === undefined ? {} : { body }),
      follow: effect === 'read',
      signal,
    };
    try {
      return await guardedFetch(gate, request, (answer) => resultOf(answer, { effect, method, largestBodyBytes }));
    } catch (error) {
      const { code, message } = errorOf(error);
      if (effect === 'once' && NOT_SENT.has(code)) refuse(`${url} cannot be reached (${code}); nothing was sent.`);
      throw code === 'ERROR' ? error : new Error(`${method} ${url}: ${message} (${code})`, { cause: error });
    }
  };
}

const SHOWN_HEADERS = ['content-type', 'location', 'etag', 'last-modified', 'link', 'retry-after', 'allow'];

async function resultOf(
  { response, url }: GuardedResponse,
  given: { readonly effect: ToolEffect; readonly method: string; readonly largestBodyBytes: number },
): Promise<unknown> {
  const { status } = response;
  const shown = [...response.headers].filter(
    ([name]) => SHOWN_HEADERS.includes(name) || name.startsWith('x-ratelimit'),
  );
  const read = await readBody(response, given.largestBodyBytes);
  const busy = status === 429 || status === 503;
  // A service that turned the request away did nothing; where it broke, nobody knows.
  if (busy && given.effect === 'once') refuse(`${url} does not take requests now (${status}); nothing was done.`);
  if (busy || status >= 500) {
    const message = `${given.method} ${url} answered ${status}: ${JSON.stringify(read.body ?? '').slice(0, 300)}`;
    throw failure(FailureType.ToolBackend, {
      message,
      retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
    });
  }
  return { status, url, headers: Object.fromEntries(shown), ...read };
}
