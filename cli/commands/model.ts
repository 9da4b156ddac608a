import { dialectAt, examineModel } from '../../models/index.ts';
import type { Examination } from '../../models/index.ts';
import { readStack } from '../../local/index.ts';
import { readConfig } from '../../worker/config.ts';
import type { ModelSetting } from '../../worker/index.ts';
import { CommandError, SilentExit } from '../command-error.ts';
import { reasonOf } from '../doctor/check.ts';
import { examples } from '../help.ts';
import { wholeNumber } from '../input/options.ts';
import { findLocalModels, offerWords } from '../reaching/find-local-models.ts';
import { withStackFacts } from '../reaching/surroundings.ts';
import { openSession } from '../session.ts';
import type { Session } from '../session.ts';
import { wrapText } from '../terminal/plain-text.ts';
import type { AddCommand } from './add-command.ts';

const PROVIDER = 'https://api.openai.com/v1';
const SECONDS = 120;

/** `waymark model` */
export const addModel: AddCommand = (program, terminal) => {
  const model = program
    .command('model')
    .summary('ask a model what it can do')
    .description('Look at models.')
    .addHelpText('after', examples('waymark model check'));
  model
    .command('check')
    .summary('ask a model what it can do, and say what is done about the rest')
    .description(
      'Ask a model and its server, in three to seven calls: whether it calls tools, several at once, streams, counts tokens, ' +
        'holds to schemas, where system messages may stand, which call ids it takes, and how much it takes in; and say ' +
        'what Waymark does about it. Fails where no agent could work with it.',
    )
    .argument('[model]', 'e.g. ollama:qwen3; default: the one that is configured')
    .option('--timeout <seconds>', 'how long one call may take', wholeNumber, SECONDS)
    .addHelpText('after', examples('waymark model check', 'waymark model check ollama:qwen3 --json'))
    .action(async (name: string | undefined, { timeout }: { timeout: number }, command) => {
      const session = openSession(terminal, command);
      const setting = await settingOf(session, name);
      const examination = await examined(setting, timeout);
      const { provider = null, baseURL = PROVIDER, name: id } = setting;
      session.answer({ model: id, provider, baseURL, ...examination }, () => linesOf(examination, setting, session));
      if (!examination.usable) throw new SilentExit(1);
    });
};

async function examined(
  { name, title, baseURL = PROVIDER, apiKey, dialect }: ModelSetting,
  seconds: number,
): Promise<Examination> {
  try {
    return await examineModel({
      model: name,
      baseURL,
      apiKey,
      dialect: dialect ?? dialectAt(baseURL),
      timeoutMs: seconds * 1_000,
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new CommandError(`${name} of ${title} at ${baseURL} does not answer: ${reasonOf(cause)}. Is its server up?`);
  }
}

/** The model that is named, or the one of the environment or of what runs in the data folder. */
async function settingOf({ env }: Session, name: string | undefined): Promise<ModelSetting> {
  const given = name === undefined ? env : { ...env, WAYMARK_MODEL: name };
  const { model, modelServers } = readConfig(withStackFacts(given, await readStack(readConfig(given).dataDir)));
  if (model?.lacks !== undefined)
    throw new CommandError(`${model.name} of ${model.title} cannot be asked: set ${model.lacks}.`);
  if (model) return model;
  const offers = offerWords(await findLocalModels(modelServers)).map((offer) => ` ${offer}.`);
  throw new CommandError(`No model is configured. Set WAYMARK_MODEL=provider:model and its key.${offers.join('')}`);
}

const WIDEST = 18;

function linesOf(
  { findings, calls, tokens, usable }: Examination,
  { name, title, baseURL = PROVIDER }: ModelSetting,
  { paint, width }: Session,
): string[] {
  const marks = { ok: paint.good('✓'), odd: paint.warn('!'), missing: paint.bad('✗') };
  const lines = findings.flatMap(({ about, state, says, mend }) => {
    const indent = ' '.repeat(WIDEST + 4);
    const [first = '', ...rest] = wrapText(says, width - indent.length);
    const done = mend === undefined ? [] : wrapText(`→ ${mend}`, width - indent.length);
    return [
      `  ${marks[state]} ${about.padEnd(WIDEST)}${first}`,
      ...[...rest, ...done].map((line) => `${indent}${line}`),
    ];
  });
  const verdict = usable ? 'An agent can work with it.' : paint.bad('No agent can work with it as it is.');
  return [
    `${paint.strong(name)}  ${title} at ${baseURL}`,
    '',
    ...lines,
    '',
    `${verdict} ${calls} calls, ${tokens.toLocaleString('en-US')} tokens.`,
  ];
}
