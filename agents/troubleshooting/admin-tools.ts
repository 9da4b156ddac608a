import { z } from 'zod';
import { defineTool, type Tool, type ToolContext } from '../../tools/define-tool.ts';
import { refuse } from '../../tools/refusal.ts';

/** Where a service takes administrators' requests. The model names services; it never sees or chooses an address. */
export interface AdministeredService {
  readonly adminUrl: string;
}

/** Tools that change a service: each call waits for a person's approval. */
export function createAdminTools({
  services,
}: {
  readonly services: Readonly<Record<string, AdministeredService>>;
}): Tool[] {
  const post = createAdminClient(services);
  const input = z.object({
    service: z.string().min(1),
    reason: z.string().min(1).describe('why this helps, for the person who approves'),
  });
  const clearCache = defineTool({
    name: 'clear_cache',
    description:
      "Removes everything from a service's cache. It fills again by itself; until then the service is slower. Needs " +
      'approval. Answers how many files and bytes were freed.',
    input,
    effect: 'idempotent',
    approval: 'always',
    timeoutMs: 30_000,
    execute: ({ service }, context) => post({ service, action: 'clear-cache' }, context),
  });
  const restartWorker = defineTool({
    name: 'restart_service',
    description:
      "Restarts a service's worker. What it is working on is lost. Needs approval. Answers the worker's state " +
      'afterwards; look at the health check too.',
    input,
    effect: 'once',
    approval: 'always',
    timeoutMs: 60_000,
    execute: ({ service }, context) => post({ service, action: 'restart' }, context),
  });
  return [clearCache, restartWorker];
}

function createAdminClient(services: Readonly<Record<string, AdministeredService>>) {
  const addresses = new Map(Object.entries(services).map(([name, { adminUrl }]) => [name, new URL(adminUrl).href]));
  return async (
    { service, action }: { readonly service: string; readonly action: string },
    { idempotencyKey, signal }: ToolContext,
  ): Promise<unknown> => {
    const address = addresses.get(service);
    if (address === undefined) {
      refuse(
        `no service "${service}" can be changed from here; services: ${[...addresses.keys()].join(', ') || 'none'}`,
      );
    }
    const response = await fetch(new URL(action, address.endsWith('/') ? address : `${address}/`), {
      method: 'POST',
      headers: { 'idempotency-key': idempotencyKey },
      signal,
    });
    const text = await response.text();
    if (response.ok) return text.trim();
    if (response.status < 500) refuse(`${service} does not ${action}: ${text.trim()}`);
    throw new Error(`${service}: ${action} failed with status ${response.status}: ${text.slice(0, 200).trim()}`);
  };
}
