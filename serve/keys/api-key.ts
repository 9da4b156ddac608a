import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ID_RULE, isId } from '../../contracts/ids.ts';
import type { IsoTime } from '../../contracts/json.ts';
import type { Actor } from '../../contracts/transcript.ts';
import type { Caller, Right } from '../caller.ts';
import { rights } from '../caller.ts';

/** A key as it is stored: of its secret only the hash. */
export interface StoredKey {
  readonly id: string;
  readonly tenant: string;
  readonly rights: readonly Right[];
  /** Who signs what is sent with it. */
  readonly actor: Actor;
  /** Roles in which they answer, e.g. `finance`. */
  readonly roles?: readonly string[];
  /** SHA-256 of the whole token, in hexadecimal. */
  readonly hash: string;
  readonly createdAt: IsoTime;
  readonly expiresAt?: IsoTime;
  readonly note?: string;
}

const id = z.string().refine(isId, ID_RULE);

export const storedKeys: z.ZodType<readonly StoredKey[]> = z.array(
  z.strictObject({
    id: z.string().regex(/^[a-z0-9]{8}$/),
    tenant: id,
    rights: z.array(z.enum(rights)).min(1),
    actor: z.strictObject({ kind: z.enum(['person', 'service', 'agent']), id: z.string().min(1) }),
    roles: z.array(z.string().min(1).max(200)).max(50).exactOptional(),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().exactOptional(),
    note: z.string().exactOptional(),
  }),
);

const TOKEN = /^wmk_([a-z0-9]{8})_[A-Za-z0-9_-]{43}$/;

/** Makes a key. The token is told here and never again. A secret of 256 bits needs no slow hash. */
export function createKey(given: Omit<StoredKey, 'id' | 'hash' | 'createdAt'>): {
  readonly token: string;
  readonly stored: StoredKey;
} {
  const keyId = randomBytes(8).toString('hex').slice(0, 8);
  const token = `wmk_${keyId}_${randomBytes(32).toString('base64url')}`;
  return {
    token,
    stored: { id: keyId, ...given, hash: hashOf(token).toString('hex'), createdAt: new Date().toISOString() },
  };
}

/** The key that a token is of, where it is known and has not expired. */
export function findKey(keys: readonly StoredKey[], token: string, now: number = Date.now()): StoredKey | undefined {
  const [, keyId] = TOKEN.exec(token) ?? [];
  const key = keys.find((candidate) => candidate.id === keyId);
  if (!key || isExpired(key, now)) return undefined;
  return timingSafeEqual(hashOf(token), Buffer.from(key.hash, 'hex')) ? key : undefined;
}

export function isExpired({ expiresAt }: StoredKey, now: number = Date.now()): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= now;
}

/** Who asks with this key. */
export function callerOf({ id: keyId, tenant, rights: allowed, actor, roles }: StoredKey): Caller {
  return { id: keyId, tenant, rights: allowed, actor, ...(roles === undefined ? {} : { roles }) };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
