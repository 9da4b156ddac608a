import { listModels } from '../../models/list-models.ts';
import type { Config, ModelSetting } from '../../worker/index.ts';
import { findLocalModels, offerWords } from '../reaching/find-local-models.ts';
import type { Check } from './check.ts';
import { missing, ok, reasonOf, warning } from './check.ts';

const PART = 'Model';
const PROVIDER = 'https://api.openai.com/v1';
const ANSWERS_WITHIN_MS = 5_000;
const SCRIPTED = 'scripted';

/** The chat model: configured, reachable, and whether it is a script. What it can do is asked by `waymark model check`. */
export async function checkModel({ model, modelServers }: Pick<Config, 'model' | 'modelServers'>): Promise<Check> {
  if (!model) {
    const offers = offerWords(await findLocalModels(modelServers));
    const usual = 'set WAYMARK_MODEL=provider:model and its key, or OPENAI_BASE_URL; waymark up starts a scripted one';
    const mend = offers.length === 0 ? usual : `${offers.join('; ')}. Or ${usual}`;
    return missing(PART, 'not configured', mend);
  }
  if (model.lacks !== undefined) {
    return missing(PART, `${model.name} of ${model.title} cannot be asked`, `set ${model.lacks}`);
  }
  return checkServer(model);
}

async function checkServer({ apiKey, name, title, provider, baseURL = PROVIDER }: ModelSetting): Promise<Check> {
  const mend = `check the address (${baseURL}) and that the server runs`;
  let answer: Awaited<ReturnType<typeof listModels>>;
  try {
    answer = await listModels({ baseURL, apiKey }, ANSWERS_WITHIN_MS);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return missing(PART, `${name} at ${baseURL} does not answer: ${reasonOf(cause)}`, mend);
  }
  const { status, models } = answer;
  if (status === 401 || status === 403) {
    return missing(PART, `${baseURL} refuses the key (HTTP ${status})`, 'set a key that is valid there');
  }
  if (status >= 500) return missing(PART, `${baseURL} answers with HTTP ${status}`, mend);
  const ids = models?.map(({ id }) => id);
  if (ids?.includes(SCRIPTED)) {
    return ok(PART, `${SCRIPTED}, at ${baseURL}: its answers follow a script; set WAYMARK_MODEL for a real one`);
  }
  // Some list ids with a folder before them: models/gemini-2.5-flash.
  if (ids && !ids.some((id) => id === name || id.endsWith(`/${name}`))) {
    const names = ids.slice(0, 5).map((id) => (provider === undefined ? id : `${provider}:${id}`));
    return warning(
      PART,
      `${baseURL} answers, but does not list "${name}"`,
      `set WAYMARK_MODEL to one of: ${names.join(', ')}`,
    );
  }
  return ok(
    PART,
    `${name} at ${baseURL}${provider === undefined ? '' : ` (${title})`}; \`waymark model check\` asks what it can do`,
  );
}
