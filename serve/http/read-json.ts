import { DEEPEST_JSON, depthOfJson } from '../../contracts/read-json.ts';
import { Problem } from '../problems.ts';

/** The largest body that is read, in bytes: the longest message, in the longest of UTF-8, and its wrapping. */
export const LARGEST_BODY = 512 * 1024;
/** Parses a body. @throws Problem where it is nested too deeply or is no JSON */
export function parseBody(text: string): unknown {
  if (depthOfJson(text) > DEEPEST_JSON) {
    throw new Problem('invalid-request', `The body is nested more than ${DEEPEST_JSON} levels deep.`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Problem('invalid-request', `The body is not JSON: ${reason.slice(0, 200)}`, { cause: error });
  }
}
