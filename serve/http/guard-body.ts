import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { Problem } from '../problems.ts';
import type { Environment } from './environment.ts';
import { LARGEST_BODY, parseBody } from './read-json.ts';

/** Nothing larger than this is read, however it is sent. */
export const limitBody: MiddlewareHandler<Environment> = bodyLimit({
  maxSize: LARGEST_BODY,
  onError: () => {
    // What was not read would be taken for the next request.
    throw new Problem('too-large', `The body has more than ${LARGEST_BODY} bytes.`, {
      headers: { Connection: 'close' },
    });
  },
});

const jsonOf =
  (types: RegExp): MiddlewareHandler<Environment> =>
  async (c, next) => {
    const type = c.req.header('content-type');
    if (type === undefined || !types.test(type)) {
      throw new Problem('unsupported-media-type', `The body is of type ${type ?? 'unknown'}.`);
    }
    parseBody(await c.req.text());
    return next();
  };

/** The body is JSON, and not nested without end. */
export const requireJson = jsonOf(/^application\/json *(;|$)/i);

/** What a page is sent is a form, or nothing. */
export const requireForm: MiddlewareHandler<Environment> = async (c, next) => {
  const type = c.req.header('content-type');
  if (c.req.method === 'POST' && type !== undefined && !FORM.test(type)) {
    throw new Problem('unsupported-media-type', `The body is of type ${type.slice(0, 100)}, and a form is expected.`);
  }
  return next();
};

const FORM = /^(application\/x-www-form-urlencoded|multipart\/form-data) *(;|$)/i;

/** For every operation that takes a body. */
export const guardBody = [limitBody, requireJson];

/** For what third parties send: types such as `application/cloudevents+json` are JSON too. */
export const guardAnyJson = [limitBody, jsonOf(/^application\/([\w.-]+\+)?json *(;|$)/i)];
