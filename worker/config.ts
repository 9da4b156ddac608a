import { join } from 'node:path';
import { z } from 'zod';
import type { TenantBudget } from '../contracts/budget.ts';
import { piiNames } from '../contracts/masking.ts';
import type { PiiName } from '../contracts/masking.ts';
import { DEFAULT_TENANT, ID_RULE, isId } from '../contracts/ids.ts';
import { parseModelName } from '../models/providers.ts';
import { modelServers, modelSettingOf } from './model-settings.ts';
import type { ModelServers, ModelSetting } from './model-settings.ts';
import { DEFAULT_GRACE_MS } from './worker-settings.ts';

/** Empty variables count as absent, as in most container setups. */
const text = z.string().trim().min(1).optional();

/** A port, or an address and a port. */
const metricsAddress = text
  .refine((given) => given === undefined || /^((\[[\da-f:]+\]|[\w.-]+):)?[1-9]\d{1,4}$/i.test(given), {
    error: 'expected a port or address:port, e.g. 9464 or 0.0.0.0:9464',
  })
  .transform((given) => (given === undefined || given.includes(':') ? given : `127.0.0.1:${given}`));

const schema = z.object({
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'expected redis://host:port or rediss://host:port' }).optional(),
  WAYMARK_TASK_QUEUE: text.default('waymark'),
  WAYMARK_DATA: text.default('.waymark'),
  WAYMARK_AGENTS: text,
  CUSTOMER_SERVICE_URL: z.url({ protocol: /^https?$/, error: 'expected http://… or https://…' }).optional(),
  WAYMARK_LOG_ROOT: text,
  WAYMARK_SERVICES: text,
  WAYMARK_DOCUMENTS: text,
  WAYMARK_MIGRATION_SOURCE: text,
  WAYMARK_MIGRATION_TARGET: text,
  WAYMARK_MIGRATION_ERRORS: z.coerce.number({ error: 'expected a whole number' }).int().min(0).default(0),
  WAYMARK_ASSISTANT: z.enum(['on', 'off'], { error: 'expected on or off' }).default('off'),
  WAYMARK_HOSTS: text,
  WAYMARK_TENANT_BUDGETS: text,
  WAYMARK_SEARCH_ATTRIBUTES: z.enum(['on', 'off'], { error: 'expected on or off' }).default('on'),
  OPENAI_API_KEY: text,
  OPENAI_BASE_URL: z.url({ protocol: /^https?$/, error: 'expected http://… or https://…' }).optional(),
  WAYMARK_MODEL: text,
  WAYMARK_PROVIDERS: text,
  WAYMARK_EMBEDDINGS: text.default('local'),
  WAYMARK_EMBEDDING_DIMENSIONS: z.coerce.number({ error: 'expected a whole number' }).int().min(8).max(8192).optional(),
  WAYMARK_EMBEDDINGS_BATCH: z.coerce.number({ error: 'expected a whole number' }).int().min(1).max(2_048).optional(),
  WAYMARK_EMBEDDINGS_TOKENS: z.coerce.number({ error: 'expected a whole number' }).int().min(16).optional(),
  WAYMARK_PII: text,
  WAYMARK_METRICS: metricsAddress,
  WAYMARK_CALL_STACKS: z.enum(['on', 'off'], { error: 'expected on or off' }).default('off'),
  WAYMARK_GRACE_SECONDS: z.coerce
    .number({ error: 'expected seconds' })
    .min(0)
    .max(86_400)
    .default(DEFAULT_GRACE_MS / 1_000),
  WAYMARK_MEMORY_CARE: text,
  WAYMARK_CARE_TENANTS: text.default(DEFAULT_TENANT),
  WAYMARK_SERVE_KEYS: text,
  WAYMARK_SERVE_KEY_FILE: text,
  WAYMARK_WEBHOOK_SECRET: text.refine((given) => secretsOf(given).every(isLongSecret), {
    error: 'expected secrets of at least 24 bytes, e.g. whsec_ and what `openssl rand -base64 32` prints',
  }),
  WAYMARK_NOTIFY_LOG: z.enum(['on', 'off'], { error: 'expected on or off' }).default('on'),
  WAYMARK_NOTIFY_WEBHOOK_URL: z.url({ protocol: /^https?$/, error: 'expected http://… or https://…' }).optional(),
  WAYMARK_NOTIFY_WEBHOOK_SECRET: text,
  WAYMARK_NOTIFY_MAIL_SERVER: z.url({ protocol: /^smtps?$/, error: 'expected smtp://… or smtps://…' }).optional(),
  WAYMARK_NOTIFY_MAIL_FROM: text,
  WAYMARK_NOTIFY_MAIL_RECIPIENTS: text,
  WAYMARK_LINK_KEY: text.refine((given) => given === undefined || Buffer.byteLength(given) >= 32, {
    error: 'expected at least 32 bytes, e.g. what `openssl rand -hex 32` prints',
  }),
  WAYMARK_LINK_BASE: z.url({ protocol: /^https?$/, error: 'expected http://… or https://…' }).optional(),
  WAYMARK_LOG: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'expected debug, info, warn, error or silent' })
    .default('info'),
});

/** An embedding model: the one that comes with Waymark, or a provider's. */
export type EmbeddingSetting =
  | { readonly kind: 'local' }
  | {
      readonly kind: 'provider';
      readonly model: string;
      readonly dimensions: number;
      /** Texts a request. Default: `createOpenAiEmbeddings`'s. */
      readonly batchSize?: number;
      /** Tokens that it reads of a text. Default: `createOpenAiEmbeddings`'s. */
      readonly maxTokens?: number;
      /** The name of its provider, where it is written before the model's. */
      readonly provider?: string;
    };

/** What the environment says, read once and checked. */
export interface Config {
  readonly redisUrl: string | undefined;
  readonly taskQueue: string;
  /** Folder of the embedded stack. */
  readonly dataDir: string;
  /** Modules that export agents, beside the built-in ones. */
  readonly agentModules: readonly string[];
  /** What the built-in agents work on; an agent whose part is absent is not there. */
  readonly builtIn: {
    readonly customerServiceUrl?: string;
    readonly logRoot?: string;
    /** Folder of documents that may be read. */
    readonly documents?: string;
    /** Stores to move records between, and the records that may be refused before a person is asked. */
    readonly migration?: MigrationSetting;
    /** Whether there is an assistant to talk to. */
    readonly assistant: boolean;
    /** Services that may be administered, after approval: name to admin URL. */
    readonly services: Readonly<Record<string, string>>;
    /** Hosts that may be looked at, as `NetworkGrant` has them. Absent: any. */
    readonly hosts?: readonly string[];
  };
  /** What all tasks of a tenant may spend together. */
  readonly tenantBudgets: Readonly<Record<string, TenantBudget>>;
  readonly searchAttributes: boolean;
  /** `undefined`: it names no provider, and neither a key nor a base URL of OpenAI is set. */
  readonly model: ModelSetting | undefined;
  /** The servers at which the routes of a policy may ask for models as well. */
  readonly modelServers: ModelServers;
  /** What a tenant without memories is embedded with. */
  readonly embeddings: EmbeddingSetting;
  /** Further models, for tenants whose memories are embedded with them or move between them. */
  readonly otherEmbeddings: readonly EmbeddingSetting[];
  /** Personal data that is masked in memories, by name; `undefined`: `DEFAULT_PII`. */
  readonly pii: readonly PiiName[] | undefined;
  /** Whether the Temporal UI can show where a task's code stands. */
  readonly callStacks: boolean;
  /** Where the worker's numbers are served for Prometheus, as `address:port`; nowhere where it is `undefined`. */
  readonly metrics: string | undefined;
  /** Milliseconds that calls under way have to end once a worker is asked to stop. */
  readonly graceMs: number;
  /** On which schedules a worker, and `waymark setup`, see to it that memories are cared for; `undefined`: on none. */
  readonly memoryCare: { readonly tenants: readonly string[]; readonly cron?: string } | undefined;
  /** Keys of the HTTP service: those in the environment, as JSON, and the file of the others. */
  readonly serve: {
    readonly keys?: string;
    readonly keyFile: string;
    /** With which of them webhooks may be signed. */
    readonly webhookSecrets: readonly string[];
  };
  /** How people are told of what waits for them. */
  readonly notify: NotifySetting;
  /** Links to the answer page: what they are signed with, and where that page is. */
  readonly links: { readonly key?: string; readonly base?: string };
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** Two stores, each the path of a JSON Lines file or the address of a service, and the folder of journals. */
export interface MigrationSetting {
  readonly source: string;
  readonly target: string;
  readonly journals: string;
  readonly errorLimit: number;
}

/** The notifiers of a worker; one whose part is absent is not there. */
export interface NotifySetting {
  readonly log: boolean;
  readonly webhook?: { readonly url: string; readonly secret: string };
  readonly mail?: { readonly server: string; readonly from: string; readonly recipients: readonly string[] };
}

/** Wrong settings, each named with what is expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const DEFAULT_MODEL = 'gpt-4.1-mini';
const KNOWN_DIMENSIONS: Readonly<Record<string, number>> = {
  'text-embedding-3-small': 1536,
  'text-embedding-3-large': 3072,
};

/** Reads the configuration. @throws ConfigError naming every wrong variable */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim() !== ''));
  const parsed = schema.safeParse(present);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`The configuration is wrong. ${lines.join('; ')}`);
  }
  const given = parsed.data;
  const servers = serversOf(given, present);
  return {
    redisUrl: given.REDIS_URL,
    taskQueue: given.WAYMARK_TASK_QUEUE,
    dataDir: given.WAYMARK_DATA,
    agentModules: given.WAYMARK_AGENTS?.split(',').map((path) => path.trim()) ?? [],
    builtIn: {
      ...(given.CUSTOMER_SERVICE_URL === undefined ? {} : { customerServiceUrl: given.CUSTOMER_SERVICE_URL }),
      ...(given.WAYMARK_LOG_ROOT === undefined ? {} : { logRoot: given.WAYMARK_LOG_ROOT }),
      ...(given.WAYMARK_DOCUMENTS === undefined ? {} : { documents: given.WAYMARK_DOCUMENTS }),
      ...migrationOf(given),
      assistant: given.WAYMARK_ASSISTANT === 'on',
      services: servicesOf(given.WAYMARK_SERVICES),
      ...(given.WAYMARK_HOSTS === undefined
        ? {}
        : { hosts: given.WAYMARK_HOSTS.split(',').map((host) => host.trim()) }),
    },
    tenantBudgets: tenantBudgetsOf(given.WAYMARK_TENANT_BUDGETS),
    searchAttributes: given.WAYMARK_SEARCH_ATTRIBUTES === 'on',
    model: modelOf(given, servers),
    modelServers: servers,
    ...embeddingsOf(given, servers),
    pii: piiOf(given.WAYMARK_PII),
    metrics: given.WAYMARK_METRICS,
    callStacks: given.WAYMARK_CALL_STACKS === 'on',
    graceMs: given.WAYMARK_GRACE_SECONDS * 1_000,
    memoryCare: careOf(given),
    serve: {
      ...(given.WAYMARK_SERVE_KEYS === undefined ? {} : { keys: given.WAYMARK_SERVE_KEYS }),
      keyFile: given.WAYMARK_SERVE_KEY_FILE ?? join(given.WAYMARK_DATA, 'serve-keys.json'),
      webhookSecrets: secretsOf(given.WAYMARK_WEBHOOK_SECRET),
    },
    notify: notifyOf(given),
    links: {
      ...(given.WAYMARK_LINK_KEY === undefined ? {} : { key: given.WAYMARK_LINK_KEY }),
      ...(given.WAYMARK_LINK_BASE === undefined ? {} : { base: given.WAYMARK_LINK_BASE }),
    },
    logLevel: given.WAYMARK_LOG,
  };
}

/** `secret,secret`, so that one can take another's place */
function secretsOf(given: string | undefined): readonly string[] {
  return given === undefined ? [] : given.split(',').map((secret) => secret.trim());
}

function isLongSecret(secret: string): boolean {
  const prefix = 'whsec_';
  if (!secret.startsWith(prefix)) return Buffer.byteLength(secret) >= 24;
  const encoded = secret.slice(prefix.length);
  return (
    /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && encoded.length % 4 === 0 && Buffer.from(encoded, 'base64').length >= 24
  );
}

/** `name,name`; `none` for nothing */
function piiOf(given: string | undefined): readonly PiiName[] | undefined {
  if (given === undefined) return undefined;
  if (given === 'none') return [];
  return given.split(',').map((part) => {
    const name = piiNames.find((known) => known === part.trim());
    if (name) return name;
    throw new ConfigError(
      `The configuration is wrong. WAYMARK_PII: expected none, or some of ${piiNames.join(', ')}, joined by commas; "${part.trim()}" is not`,
    );
  });
}

type Given = z.output<typeof schema>;

function serversOf({ WAYMARK_PROVIDERS: written }: Given, env: NodeJS.ProcessEnv): ModelServers {
  try {
    return modelServers(env, written);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`The configuration is wrong. WAYMARK_PROVIDERS: ${problem}`);
  }
}

/** `provider:model`, or a model's id at the server that `OPENAI_API_KEY` and `OPENAI_BASE_URL` name. */
function modelOf(given: Given, servers: ModelServers): Config['model'] {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, WAYMARK_MODEL: name = DEFAULT_MODEL } = given;
  const named = modelSettingOf(name, servers);
  if (named) return named;
  if (apiKey === undefined && baseURL === undefined) return undefined;
  const model = { title: 'the model server', apiKey: apiKey ?? 'none', name };
  return baseURL === undefined ? model : { ...model, baseURL };
}

/** `off`, or a cron expression for all of `WAYMARK_CARE_TENANTS`; where nothing is said, a schedule keeps its own. */
function careOf({ WAYMARK_MEMORY_CARE: when, WAYMARK_CARE_TENANTS: named }: Given): Config['memoryCare'] {
  if (when === 'off') return undefined;
  const tenants = named.split(',').map((tenant) => tenant.trim());
  const wrong = tenants.find((tenant) => !isId(tenant));
  if (wrong !== undefined) {
    throw new ConfigError(`The configuration is wrong. WAYMARK_CARE_TENANTS: "${wrong}" is not an id: ${ID_RULE}`);
  }
  if (when !== undefined && when.split(/\s+/).length < 5) {
    throw new ConfigError(
      'The configuration is wrong. WAYMARK_MEMORY_CARE: expected off or a cron expression, 0 3 * * *',
    );
  }
  return { tenants, ...(when === undefined ? {} : { cron: when }) };
}

/** `local,text-embedding-3-small,nomic-embed-text=768`: the first is for tenants without memories. */
function embeddingsOf(given: Given, servers: ModelServers): Pick<Config, 'embeddings' | 'otherEmbeddings'> {
  const [first = 'local', ...others] = given.WAYMARK_EMBEDDINGS.split(',').map((name) => name.trim());
  const { WAYMARK_EMBEDDINGS_BATCH: batchSize, WAYMARK_EMBEDDINGS_TOKENS: maxTokens } = given;
  const bounds = {
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  };
  const told = { servers, bounds };
  const embeddings = embeddingOf(first, told, given.WAYMARK_EMBEDDING_DIMENSIONS);
  return { embeddings, otherEmbeddings: others.map((name) => embeddingOf(name, told)) };
}

function embeddingOf(
  written: string,
  { servers, bounds }: { readonly servers: ModelServers; readonly bounds: { batchSize?: number; maxTokens?: number } },
  given?: number,
): EmbeddingSetting {
  if (written === 'local') return { kind: 'local' };
  const [, whole = written, length] = /^(.*)=(\d+)$/.exec(written) ?? [];
  const named = parseModelName(whole, (provider) => servers[provider] !== undefined);
  const model = named?.model ?? whole;
  const dimensions = length === undefined ? (given ?? KNOWN_DIMENSIONS[model]) : Number(length);
  if (dimensions === undefined || model === '') {
    throw new ConfigError(
      `The configuration is wrong. WAYMARK_EMBEDDING_DIMENSIONS: expected the vector length of "${model}", ` +
        `which may also be written as WAYMARK_EMBEDDINGS=${model || 'model'}=768`,
    );
  }
  const provider = named === undefined ? {} : { provider: named.provider };
  return { kind: 'provider', model, dimensions, ...bounds, ...provider };
}

function notifyOf(given: Given): NotifySetting {
  const { WAYMARK_NOTIFY_WEBHOOK_URL: url, WAYMARK_NOTIFY_WEBHOOK_SECRET: secret } = given;
  const { WAYMARK_NOTIFY_MAIL_SERVER: server, WAYMARK_NOTIFY_MAIL_FROM: from } = given;
  const recipients = given.WAYMARK_NOTIFY_MAIL_RECIPIENTS?.split(',').map((recipient) => recipient.trim());
  const wrong = (name: string, what: string): ConfigError =>
    new ConfigError(`The configuration is wrong. ${name}: expected ${what}`);
  if (url !== undefined && secret === undefined) {
    throw wrong('WAYMARK_NOTIFY_WEBHOOK_SECRET', 'what the messages to WAYMARK_NOTIFY_WEBHOOK_URL are signed with');
  }
  if (server !== undefined && from === undefined) {
    throw wrong('WAYMARK_NOTIFY_MAIL_FROM', 'the sender of mails, e.g. Waymark <waymark@example.com>');
  }
  if (server !== undefined && recipients === undefined) {
    throw wrong('WAYMARK_NOTIFY_MAIL_RECIPIENTS', 'who may be written to, e.g. @example.com,ops=ops@example.com');
  }
  return {
    log: given.WAYMARK_NOTIFY_LOG === 'on',
    ...(url === undefined || secret === undefined ? {} : { webhook: { url, secret } }),
    ...(server === undefined || from === undefined || !recipients ? {} : { mail: { server, from, recipients } }),
  };
}

function migrationOf(given: Given): Pick<Config['builtIn'], 'migration'> {
  const { WAYMARK_MIGRATION_SOURCE: source, WAYMARK_MIGRATION_TARGET: target, WAYMARK_DATA: data } = given;
  if (source === undefined && target === undefined) return {};
  if (source === undefined || target === undefined) {
    const missing = source === undefined ? 'WAYMARK_MIGRATION_SOURCE' : 'WAYMARK_MIGRATION_TARGET';
    throw new ConfigError(`The configuration is wrong. ${missing}: expected a file of JSON lines, or http://…`);
  }
  const journals = join(data, 'migrations');
  return { migration: { source, target, journals, errorLimit: given.WAYMARK_MIGRATION_ERRORS } };
}

/** `name=url,name=url` */
function servicesOf(given: string | undefined): Record<string, string> {
  const services: Record<string, string> = {};
  for (const pair of given?.split(',') ?? []) {
    const [name, url] = pair.split(/=(.*)/s).map((part) => part.trim());
    if (!name || !url || !URL.canParse(url)) {
      throw new ConfigError(
        `The configuration is wrong. WAYMARK_SERVICES: expected name=url,name=url; "${pair}" is not`,
      );
    }
    services[name] = url;
  }
  return services;
}

const tenantBudgets = z.record(
  z.string(),
  z.strictObject({
    period: z.enum(['day', 'month']),
    tokens: z.number().int().min(0).exactOptional(),
    money: z.number().min(0).exactOptional(),
  }),
);

/** JSON, by tenant: `{"acme":{"period":"month","tokens":5000000}}` */
function tenantBudgetsOf(given: string | undefined): Record<string, TenantBudget> {
  if (given === undefined) return {};
  const wrong = (problem: string): ConfigError =>
    new ConfigError(`The configuration is wrong. WAYMARK_TENANT_BUDGETS: ${problem}`);
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch {
    throw wrong('expected JSON, e.g. {"acme":{"period":"month","tokens":5000000}}');
  }
  const parsed = tenantBudgets.safeParse(value);
  if (parsed.success) return parsed.data;
  throw wrong(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}
