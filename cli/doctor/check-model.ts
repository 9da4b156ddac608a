import { z } from 'zod';
import type { Config } from '../../worker/index.ts';
import type { Check } from './check.ts';
import { missing, ok, reasonOf, warning } from './check.ts';

const PART = 'Model';
const PROVIDER = 'https://api.openai.com/v1';
const ANSWERS_WITHIN_MS = 5_000;
const SCRIPTED = 'scripted';

const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });

/** The chat model: configured, reachable, and whether it is a script. */
export async function checkModel({ model }: Config): Promise<Check> {
  if (!model) {
    const mend =
      'set OPENAI_API_KEY, or OPENAI_BASE_URL for a compatible server, and WAYMARK_MODEL; waymark up starts a scripted one';
    return missing(PART, 'not configured', mend);
  }
  const { apiKey, name, baseURL = PROVIDER } = model;
  const mend = `check OPENAI_BASE_URL (${baseURL}) and that the server runs`;
  let response: Response;
  try {
    response = await fetch(`${baseURL.replace(/\/+$/u, '')}/models`, {
      headers: { authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return missing(PART, `${name} at ${baseURL} does not answer: ${reasonOf(cause)}`, mend);
  }
  const { status } = response;
  if (status === 401 || status === 403) {
    return missing(
      PART,
      `${baseURL} refuses the key (HTTP ${status})`,
      'set OPENAI_API_KEY to a key that is valid there',
    );
  }
  if (status >= 500) return missing(PART, `${baseURL} answers with HTTP ${status}`, mend);
  const ids = await idsIn(response);
  if (ids?.includes(SCRIPTED)) {
    return ok(PART, `${SCRIPTED}, at ${baseURL}: its answers follow a script; set OPENAI_API_KEY for a real one`);
  }
  if (ids && !ids.includes(name)) {
    return warning(
      PART,
      `${baseURL} answers, but does not list "${name}"`,
      `set WAYMARK_MODEL to one of: ${ids.slice(0, 5).join(', ')}`,
    );
  }
  return ok(PART, `${name} at ${baseURL}`);
}

/** What the server lists; not every compatible server does. */
async function idsIn(response: Response): Promise<string[] | undefined> {
  const parsed = modelList.safeParse(await response.json().catch(() => undefined));
  return response.ok && parsed.success ? parsed.data.data.map(({ id }) => id) : undefined;
}
