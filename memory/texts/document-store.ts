import type { Redis } from 'ioredis';
import * as z from 'zod';
import type { DocumentContent, DocumentShelf, DocumentStore, Passage } from '../../contracts/documents.ts';
import { keys } from '../../contracts/keys.ts';
import type { MemoryStore } from '../../contracts/memory-store.ts';
import type { NewMemory, Provenance } from '../../contracts/memory.ts';
import { checkScope, checkTenant } from '../record/check-memory.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { scopeTag } from '../record/memory-tags.ts';
import { readStored } from '../redis/stored-entry.ts';
import { digest } from '../redis/text-digest.ts';

/** A content that has been given its number; a path's numbers grow, so that no id of a passage comes twice. */
const contentSchema = z.object({
  version: z.int(),
  digest: z.string(),
  passages: z.int(),
  by: z.string(),
  replaced: z.boolean(),
});
const recordSchema = z.object({
  /** Whole, and current. */
  whole: contentSchema.exactOptional(),
  /** Begun, and not yet whole. */
  begun: contentSchema.exactOptional(),
  /** The highest number that was ever given. */
  last: z.int(),
});
type Numbered = z.infer<typeof contentSchema>;
type DocumentRecord = z.infer<typeof recordSchema>;

const DIGEST = /^[A-Za-z0-9]{1,64}$/;
const LONGEST_PATH = 1_000;

/**
 * Documents among the memories of a tenant. What is known of each file (a field of one hash a scope) is written before
 * its passages and after them, so that a writer that dies leaves nothing that the next one does not find.
 */
export function createDocumentStore(options: {
  readonly redis: Redis;
  readonly memories: Pick<MemoryStore, 'remember' | 'close'>;
}): DocumentStore {
  const { redis, memories } = options;
  const load = async (shelf: DocumentShelf, path: string): Promise<DocumentRecord> => {
    check(shelf, path);
    const stored = await whileRedis(redis, `look up document ${path}`, () => redis.hget(keyOf(shelf), path));
    return stored === null ? { last: 0 } : parseRecord(shelf, path, stored);
  };
  const save = async (shelf: DocumentShelf, path: string, record: DocumentRecord): Promise<void> => {
    const text = JSON.stringify(record);
    await whileRedis(redis, `note document ${path}`, () => redis.hset(keyOf(shelf), path, text));
  };
  const close = async (shelf: DocumentShelf, path: string, content: Numbered | undefined): Promise<number> => {
    if (!content) return 0;
    const ids = Array.from({ length: content.passages }, (_, ordinal) => passageId(shelf, path, content, ordinal));
    return memories.close(shelf.tenant, { ids });
  };
  return {
    current: async (shelf, path) => {
      const { whole, begun } = await load(shelf, path);
      if (begun || !whole) return undefined;
      const { version: _version, ...content } = whole;
      return content;
    },
    begin: async (shelf, content, by) => {
      const { path } = content;
      checkDigest(content);
      const record = await load(shelf, path);
      if (record.begun && isSame(record.begun, content)) return;
      await close(shelf, path, record.begun);
      const last = record.last + 1;
      const { digest: given, passages } = content;
      const begun = { version: last, digest: given, passages, by, replaced: record.whole !== undefined };
      await save(shelf, path, { ...record, last, begun });
    },
    write: async (shelf, content, passages, { actor, provenance }) => {
      const { begun } = await load(shelf, content.path);
      // Another writer has finished the same content already.
      if (!begun || !isSame(begun, content)) return;
      const written = passages.map((passage) => memoryOf({ shelf, content, begun, passage, provenance }));
      await memories.remember(shelf.tenant, written, actor);
    },
    finish: async (shelf, content) => {
      const { path } = content;
      const { begun, whole, last } = await load(shelf, path);
      if (!begun || !isSame(begun, content)) return 0;
      const closed = await close(shelf, path, whole);
      await save(shelf, path, { last, whole: begun });
      return closed;
    },
    remove: async (shelf, path) => {
      const { begun, whole, last } = await load(shelf, path);
      const closed = (await close(shelf, path, begun)) + (await close(shelf, path, whole));
      await save(shelf, path, { last });
      return closed;
    },
    paths: async (shelf) => {
      check(shelf);
      const stored = await whileRedis(redis, 'list documents', () => redis.hgetall(keyOf(shelf)));
      return Object.entries(stored)
        .filter(([path, text]) => {
          const { whole, begun } = parseRecord(shelf, path, text);
          return whole !== undefined || begun !== undefined;
        })
        .map(([path]) => path)
        .toSorted();
    },
  };
}

function keyOf({ tenant, scope }: DocumentShelf): string {
  return keys.documents(tenant, scopeTag(scope));
}

function parseRecord(shelf: DocumentShelf, path: string, text: string): DocumentRecord {
  return readStored(`${keyOf(shelf)} ${path}`, () => recordSchema.parse(JSON.parse(text)));
}

function isSame(begun: Numbered, content: DocumentContent): boolean {
  return begun.digest === content.digest && begun.passages === content.passages;
}

function passageId(shelf: DocumentShelf, path: string, content: Numbered, ordinal: number): string {
  const document = digest(`${scopeTag(shelf.scope)}\0${path}`);
  return `doc:d${document}:v${content.version}:${ordinal + 1}`;
}

function memoryOf(from: {
  readonly shelf: DocumentShelf;
  readonly content: DocumentContent;
  readonly begun: Numbered;
  readonly passage: Passage;
  readonly provenance: Provenance;
}): NewMemory {
  const { shelf, content, begun, passage, provenance } = from;
  const { ordinal, text, heading, lines, page, context } = passage;
  const id = passageId(shelf, content.path, begun, ordinal);
  return {
    id,
    scope: shelf.scope,
    kind: 'passage',
    text,
    // A slot of its own: the same words in two documents are two passages.
    slot: id,
    trust: 'tool',
    provenance,
    data: {
      path: content.path,
      heading: [...heading],
      lines: [...lines],
      digest: content.digest,
      ...(page === undefined ? {} : { page }),
    },
    ...(context === undefined || context === '' ? {} : { context }),
  };
}

/** @throws RangeError */
function check({ tenant, scope }: DocumentShelf, path?: string): void {
  checkTenant(tenant);
  checkScope(scope);
  if (path === undefined || (path !== '' && path.length <= LONGEST_PATH)) return;
  throw new RangeError(`a document's path has 1 to ${LONGEST_PATH} characters, this one ${path.length}`);
}

/** @throws RangeError */
function checkDigest({ digest: given }: DocumentContent): void {
  if (!DIGEST.test(given)) throw new RangeError(`the digest "${given}" of a document is not letters and digits`);
}
