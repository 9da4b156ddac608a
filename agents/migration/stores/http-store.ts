import { z } from 'zod';
import type { JsonObject } from '../../../contracts/json.ts';
import type { RecordSource, RecordTarget } from '../record-store.ts';
import { RecordRefusal } from '../record-store.ts';

const record = z.object({
  key: z.string(),
  value: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
});
const pageSchema = z.object({ records: z.array(record), next: z.string().exactOptional() });
const errorSchema = z.object({ error: z.string() });

/** Most keys that are looked up in one request. */
const MOST_KEYS = 200;

/**
 * Records of a service, to read from or to write to. It answers `GET records?from&limit` with `{ records, next }`, `POST
 * find` with `{ keys }`, `POST records` (with an `idempotency-key` that it honours) and `DELETE records/KEY`; what it
 * does not take it refuses with a status of 4xx and `{ error }`.
 * @throws TypeError when the address is none
 */
export function createHttpStore({ url }: { readonly url: string }): RecordSource & RecordTarget {
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  const ask = async (method: string, path: string, request: Asked): Promise<unknown> => {
    const { body, idempotencyKey, signal } = request;
    const response = await fetch(new URL(path, base), {
      method,
      signal,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return text === '' ? undefined : JSON.parse(text);
    // Too many requests, and a time that ran out, are no verdict on the record.
    if (response.status >= 500 || response.status === 429 || response.status === 408) {
      throw new Error(`${method} ${path} at ${base.href} answered ${response.status}: ${text.slice(0, 200)}`);
    }
    throw new RecordRefusal(reasonIn(text) ?? `${base.host} answered ${response.status}`);
  };
  return {
    name: base.href,
    page: async (from, limit, signal) => {
      const query = new URLSearchParams({ limit: String(limit), ...(from === undefined ? {} : { from }) });
      const { records, next } = pageSchema.parse(await ask('GET', `records?${query.toString()}`, { signal }));
      const items = records.map((one) => ({ ok: true as const, at: `record ${one.key}`, record: one }));
      return { items, ...(next === undefined ? {} : { next }) };
    },
    find: async (keys, signal) => {
      const found = [];
      for (let at = 0; at < keys.length; at += MOST_KEYS) {
        const body = { keys: keys.slice(at, at + MOST_KEYS) };
        found.push(...pageSchema.parse(await ask('POST', 'find', { body, signal })).records);
      }
      return found;
    },
    put: async (put, { idempotencyKey, signal }) => {
      await ask('POST', 'records', { body: put, idempotencyKey, signal });
    },
    remove: async (key, { idempotencyKey, signal }) => {
      await ask('DELETE', `records/${encodeURIComponent(key)}`, { idempotencyKey, signal });
    },
  };
}

interface Asked {
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal: AbortSignal;
}

function reasonIn(text: string): string | undefined {
  try {
    return errorSchema.parse(JSON.parse(text)).error;
  } catch {
    return undefined;
  }
}
