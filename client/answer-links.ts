import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { IsoTime } from '../contracts/json.ts';
import { WaymarkError } from './errors.ts';

/** What a link to the answer page says. */
export interface LinkClaims {
  readonly tenant: string;
  readonly taskId: string;
  readonly requestId: string;
  /** When the request was made, so that a later one of the same id is not meant. */
  readonly askedAt: IsoTime;
  /** For whom the link was made: who answers by it. */
  readonly for: string;
  readonly expires: IsoTime;
}

/** Signs and reads links. */
export interface AnswerLinks {
  /** The token of a link: letters, digits, `-`, `_` and one `.`, about 300 characters. */
  sign(claims: LinkClaims): string;
  /** @throws WaymarkError `LinkInvalid` for what was not signed with this key, `LinkExpired` */
  read(token: string, now?: number): LinkClaims;
}

/** Bytes that an HMAC with SHA-256 asks of its key. */
const SHORTEST_KEY = 32;
const LONGEST_TOKEN = 4_096;

const claimsSchema = z.strictObject({
  tenant: z.string(),
  taskId: z.string(),
  requestId: z.string(),
  askedAt: z.string(),
  for: z.string(),
  expires: z.iso.datetime(),
});

/**
 * Links signed with HMAC-SHA256 over their claims.
 * @throws WaymarkError `InvalidInput` for a key of less than 32 bytes
 */
export function createAnswerLinks({ key }: { readonly key: string }): AnswerLinks {
  if (Buffer.byteLength(key) < SHORTEST_KEY) {
    throw new WaymarkError(
      'InvalidInput',
      `The key of links has less than ${SHORTEST_KEY} bytes. Make one: openssl rand -hex 32`,
    );
  }
  const sealOf = (body: string): Buffer => createHmac('sha256', key).update(`waymark-answer-link.${body}`).digest();
  return {
    sign: (claims) => {
      const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
      return `${body}.${sealOf(body).toString('base64url')}`;
    },
    read: (token, now = Date.now()) => {
      const [body = '', seal = '', ...rest] = token.length > LONGEST_TOKEN ? [] : token.split('.');
      const given = Buffer.from(seal, 'base64url');
      const right = sealOf(body);
      if (rest.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) throw invalid();
      const claims = claimsOf(body);
      if (Date.parse(claims.expires) > now) return claims;
      throw new WaymarkError('LinkExpired', `This link was good until ${claims.expires}. Ask for a new one.`);
    },
  };
}

/** A body whose seal is right was made here. */
function claimsOf(body: string): LinkClaims {
  const parsed = claimsSchema.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
  if (parsed.success) return parsed.data;
  throw invalid();
}

function invalid(): WaymarkError {
  return new WaymarkError(
    'LinkInvalid',
    'This link is not one of ours, or was damaged. Copy it whole, or ask for a new one.',
  );
}
