import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { AnswerUrl, LinkClaims } from '../contracts/answer-links.ts';
import { WaymarkError } from './errors.ts';

/** Signs and reads links. */
export interface AnswerLinks {
  /** The token of a link: letters, digits, `-`, `_` and one `.`, about 300 characters. */
  sign(claims: LinkClaims): string;
  /** @throws WaymarkError `LinkInvalid` for what was not signed with this key, `LinkExpired` */
  read(token: string, now?: number): LinkClaims;
}

/** How long a link is good where nothing else is said: seven days. */
export const LINK_GOOD_FOR_MS = 7 * 24 * 60 * 60_000;

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

/** Where the page is on which a link is answered. */
export function answerPage(base: string, token: string): string {
  return `${base.replace(/\/+$/, '')}/answer/${token}`;
}

/**
 * Makes addresses of the answer page, for workers whose notifiers shall tell them.
 * @param options `key`: signs, at least 32 bytes. `base`: where `waymark serve` is reached, e.g. `https://waymark.example.com`
 * @throws WaymarkError `InvalidInput` for a key that is too short
 */
export function createAnswerUrl({ key, base }: { readonly key: string; readonly base: string }): AnswerUrl {
  const links = createAnswerLinks({ key });
  return (request) => {
    const expires = new Date(Date.now() + LINK_GOOD_FOR_MS).toISOString();
    return answerPage(base, links.sign({ ...request, expires }));
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
