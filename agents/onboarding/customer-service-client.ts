import { refuse } from '../../tools/refusal.ts';
import type { ToolContext } from '../../tools/define-tool.ts';

/** A request to the customer service. */
export interface CustomerServiceRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/**
 * Sends a request for a tool call. A request that the service turns down is refused towards the model; a service that
 * cannot be reached or is broken throws, so that the call is tried again with the same idempotency key.
 */
export type CustomerService = (request: CustomerServiceRequest, context: ToolContext) => Promise<unknown>;

/** The path of a workspace, or of something in it. */
export function workspacePath(id: string, rest = ''): string {
  return `/workspaces/${encodeURIComponent(id)}${rest}`;
}

/** @throws TypeError when the URL is none */
export function createCustomerServiceClient(customerServiceUrl: string): CustomerService {
  const base = new URL(customerServiceUrl).href.replace(/\/$/, '');
  return async ({ method, path, body }, { idempotencyKey, signal }) => {
    const what = `${method} ${base}${path}`;
    const response = await fetch(`${base}${path}`, {
      method,
      signal,
      headers: {
        'content-type': 'application/json',
        ...(method === 'GET' ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new Error(`${what}: no answer (${reasonOf(error)})`, { cause: error });
    });
    const text = await response.text();
    if (response.ok) return parse(text, what);
    if (response.status < 500 && !passing.has(response.status))
      refuse(problemIn(text) ?? `${what}: ${response.status}`);
    throw new Error(`${what}: status ${response.status} ${text.slice(0, 200).trim()}`);
  };
}

/** Client errors that say nothing about the request itself: timeout, too early, too many requests. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${what}: the answer is not JSON: ${text.slice(0, 200)}`, { cause: error });
  }
}

function problemIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
    return typeof body.error === 'string' ? body.error : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error) return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  return String(cause);
}
