import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { customerLines } from '../../examples/record-service/customer-lines.ts';
import { demoScript } from '../../examples/scripts/index.ts';
import type { Stack } from '../../local/index.ts';
import { openStack } from '../../local/index.ts';
import { startScriptedModel } from '../../models/index.ts';
import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import type { Config } from '../../worker/index.ts';
import { readConfig } from '../../worker/config.ts';
import { findLocalModels, offerWords } from '../reaching/find-local-models.ts';
import { exampleFile } from '../demo/example-file.ts';
import { startChildProgram } from './child-program.ts';

/** Everything a worker needs on one machine: the stack, a model, and services for the agents that come with Waymark. */
export interface Home {
  readonly stack: Stack;
  /** The settings of a worker in this home. */
  readonly env: NodeJS.ProcessEnv;
  readonly config: Config;
  readonly scripted: boolean;
  /** Ends what was started here, the last first. */
  close(): Promise<void>;
}

export interface HomeOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  /** Folder of the example services' data, inside the data folder. */
  readonly examplesFolder: string;
  /** Start the example services whatever the environment names. Default false: only where it names none. */
  readonly ownExamples?: boolean;
  /** Paces the scripted model, so that a person can follow, in milliseconds an answer. Default 0. */
  readonly scriptedDelayMs?: number;
}

/** Records of the example migration, and what the service takes for one, so that a person can follow. */
const CUSTOMERS = 160;
const WRITE_MS = 10;

/** Opens a home; nothing is left running when it fails. */
export async function openHome(options: HomeOptions): Promise<Home> {
  const { say } = options;
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const config = readConfig(options.env);
    const stack = await openStack({
      dataDir: config.dataDir,
      env: options.env,
      say,
      searchAttributes: { ...searchAttributeTypes },
    });
    closers.push(() => stack.close());
    const scripted = config.model === undefined;
    const model = scripted ? await openScriptedModel({ ...options, ...config }, closers) : {};
    const examples = await openExamples({
      ...options,
      config,
      folder: join(stack.dataDir, options.examplesFolder),
      closers,
    });
    const facts = { ...model, ...examples };
    await stack.note(facts);
    const env = { ...options.env, ...facts, ...addressesOf(stack) };
    return { stack, env, config: readConfig(env), scripted, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openScriptedModel(
  { say, scriptedDelayMs = 0, modelServers }: HomeOptions & Pick<Config, 'modelServers'>,
  closers: (() => Promise<unknown>)[],
): Promise<Record<string, string>> {
  const model = await startScriptedModel({ script: demoScript, delayMs: scriptedDelayMs });
  closers.push(() => model.stop());
  say(`Model: scripted, at ${model.baseURL} (no model is configured; answers follow a script)`);
  for (const offer of offerWords(await findLocalModels(modelServers))) say(`There is a model: ${offer}`);
  return { OPENAI_BASE_URL: model.baseURL, WAYMARK_MODEL: model.model };
}

/** Starts the services that the built-in agents work on, where none are named. */
async function openExamples(
  options: HomeOptions & {
    readonly config: Config;
    readonly folder: string;
    readonly closers: (() => Promise<unknown>)[];
  },
): Promise<Record<string, string>> {
  const { config, env, folder, closers, say, ownExamples = false } = options;
  const facts: Record<string, string> = { WAYMARK_ASSISTANT: 'on' };
  const start = async (
    program: string,
    name: string,
    more: readonly string[] = [],
  ): Promise<Readonly<Record<string, unknown>>> => {
    const child = await startChildProgram({
      program,
      args: ['--data', join(folder, name), ...more],
      env,
      log: join(folder, `${name}.log`),
    });
    closers.push(() => child.stop());
    say(`Example ${name}: ${String(child.ready['url'])}`);
    return child.ready;
  };
  if (ownExamples || config.builtIn.customerServiceUrl === undefined) {
    const ready = await start('examples/customer-service/main', 'customer-service');
    facts['CUSTOMER_SERVICE_URL'] = String(ready['url']);
  }
  if (ownExamples || config.builtIn.logRoot === undefined) {
    const ready = await start('examples/broken-service/main', 'page-renderer');
    facts['BROKEN_SERVICE_URL'] = String(ready['url']);
    facts['WAYMARK_LOG_ROOT'] = join(folder, 'page-renderer');
    facts['WAYMARK_SERVICES'] = `page-renderer=${String(ready['url'])}/admin`;
  }
  if (ownExamples || config.builtIn.documents === undefined) {
    facts['WAYMARK_DOCUMENTS'] = fileURLToPath(exampleFile('handbook'));
  }
  if (ownExamples || config.builtIn.migration === undefined) {
    const customers = join(folder, 'customers.jsonl');
    await writeFile(customers, customerLines(CUSTOMERS));
    const ready = await start('examples/record-service/main', 'record-service', ['--write-ms', String(WRITE_MS)]);
    facts['WAYMARK_MIGRATION_SOURCE'] = customers;
    facts['WAYMARK_MIGRATION_TARGET'] = String(ready['url']);
    facts['WAYMARK_MIGRATION_ERRORS'] = '4';
  }
  return facts;
}

function addressesOf({ temporal, redis, dataDir }: Stack): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    REDIS_URL: redis.url,
    WAYMARK_DATA: dataDir,
  };
}
