import { z } from 'zod';
import { addressVariableOf, parseModelName, PLAIN_DIALECT, providers } from '../models/providers.ts';
import type { Dialect, Provider } from '../models/providers.ts';

/** A server of models, as the environment describes it. */
export interface ModelServer {
  readonly title: string;
  readonly baseURL?: string;
  readonly apiKey: string;
  /** Default: as is known of its address. */
  readonly dialect?: Dialect;
  readonly local?: true;
  /** The variable without which it cannot be asked. */
  readonly lacks?: string;
}

/** A chat model at its server. */
export interface ModelSetting extends ModelServer {
  /** Model id there. */
  readonly name: string;
  /** Absent for the server of `OPENAI_API_KEY` and `OPENAI_BASE_URL`. */
  readonly provider?: string;
}

/** Servers by the names by which models are asked for there. */
export type ModelServers = Readonly<Record<string, ModelServer>>;

type Env = Readonly<Record<string, string | undefined>>;

const NAME = /^[a-z][a-z\d-]*$/;
const NO_KEY = 'none';

const override = z.strictObject({
  title: z.string().min(1).exactOptional(),
  baseURL: z.url({ protocol: /^https?$/ }).exactOptional(),
  keyVariable: z.string().min(1).exactOptional(),
  bound: z.enum(['max_tokens', 'max_completion_tokens']).exactOptional(),
  choice: z.enum(['named', 'required', 'none']).exactOptional(),
  without: z.array(z.string()).exactOptional(),
  local: z.literal(true).exactOptional(),
});
const overrides = z.record(z.string().regex(NAME, 'expected names of lower case letters, digits and dashes'), override);

/**
 * All providers that models can be asked for: those that are known, and what `WAYMARK_PROVIDERS` adds or overrides.
 * @throws Error saying what of that is wrong
 */
export function modelServers(env: Env, written: string | undefined): ModelServers {
  const given = written === undefined ? {} : overridesIn(written);
  const names = [...new Set([...Object.keys(providers), ...Object.keys(given)])];
  return Object.fromEntries(names.map((name) => [name, serverOf(name, providerOf(name, given[name]), env)]));
}

/** Where a model is asked: `provider:model`, or an id at the server of `OPENAI_API_KEY` and `OPENAI_BASE_URL`. */
export function modelSettingOf(written: string, servers: ModelServers): ModelSetting | undefined {
  const named = parseModelName(written, (provider) => servers[provider] !== undefined);
  const server = named && servers[named.provider];
  return server && { ...server, name: named.model, provider: named.provider };
}

function overridesIn(written: string): z.output<typeof overrides> {
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    throw new Error('expected JSON, e.g. {"house":{"baseURL":"https://models.example.com/v1"}}');
  }
  const parsed = overrides.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}

function providerOf(name: string, given: z.output<typeof override> | undefined): Provider {
  const keyVariable = `${name.toUpperCase().replaceAll('-', '_')}_API_KEY`;
  const known = providers[name] ?? { ...PLAIN_DIALECT, title: name, keyVariable, sources: [] };
  const provider = { ...known, ...given };
  if (provider.baseURL === undefined && provider.addressVariable === undefined) {
    throw new Error(`${name}.baseURL: expected its address, for no provider of this name is known`);
  }
  return provider;
}

function serverOf(name: string, provider: Provider, env: Env): ModelServer {
  const { title, keyVariable, local, path = '', bound, choice, without } = provider;
  const addressVariable = addressVariableOf(name, provider);
  const address = env[addressVariable];
  const baseURL = address === undefined ? provider.baseURL : `${address.replace(/\/+$/, '')}${path}`;
  const apiKey = env[keyVariable];
  // What is reached at another address, e.g. a gateway's, may need no key.
  const isElsewhere = address !== undefined && provider.baseURL !== undefined;
  const needsKey = apiKey === undefined && local !== true && !isElsewhere;
  const lacks = baseURL === undefined ? addressVariable : needsKey ? keyVariable : undefined;
  return {
    title,
    apiKey: apiKey ?? NO_KEY,
    dialect: { bound, choice, without },
    ...(baseURL === undefined ? {} : { baseURL }),
    ...(local === undefined ? {} : { local }),
    ...(lacks === undefined ? {} : { lacks }),
  };
}
