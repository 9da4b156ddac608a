import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig } from '../../worker/config.ts';
import { modelServers } from '../../worker/model-settings.ts';

test('without any setting there are defaults, and no model', () => {
  assert.deepEqual(readConfig({}), {
    redisUrl: undefined,
    taskQueue: 'waymark',
    dataDir: '.waymark',
    agentModules: [],
    builtIn: { assistant: false, services: {} },
    tenantBudgets: {},
    searchAttributes: true,
    model: undefined,
    modelServers: modelServers({}, undefined),
    embeddings: { kind: 'local' },
    otherEmbeddings: [],
    pii: undefined,
    metrics: undefined,
    callStacks: false,
    graceMs: 60_000,
    memoryCare: { tenants: ['default'] },
    serve: { keyFile: '.waymark/serve-keys.json', webhookSecrets: [] },
    notify: { log: true },
    links: {},
    logLevel: 'info',
  });
});

test('an empty or blank variable counts as absent', () => {
  assert.deepEqual(readConfig({ REDIS_URL: '', WAYMARK_TASK_QUEUE: '  ', OPENAI_API_KEY: '' }), readConfig({}));
});

test('every wrong variable is named, with what is expected', () => {
  const wrong = {
    REDIS_URL: 'http://localhost',
    OPENAI_BASE_URL: 'localhost:11434',
    CUSTOMER_SERVICE_URL: 'ftp://localhost',
    WAYMARK_SEARCH_ATTRIBUTES: 'yes',
    WAYMARK_LOG: 'loud',
    WAYMARK_METRICS: 'everywhere',
    WAYMARK_EMBEDDING_DIMENSIONS: 'many',
    WAYMARK_GRACE_SECONDS: 'soon',
  };

  assert.throws(
    () => readConfig(wrong),
    (error) => {
      assert.ok(error instanceof ConfigError);
      for (const name of Object.keys(wrong)) assert.match(error.message, new RegExp(`${name}: `));
      assert.match(error.message, /redis:\/\/host:port/);
      assert.match(error.message, /on or off/);
      return true;
    },
  );
});

test('a secret never stands in the message about it', () => {
  assert.throws(
    () => readConfig({ REDIS_URL: 'rediz://:hunter2@localhost' }),
    (error) => error instanceof Error && !error.message.includes('hunter2'),
  );
});

test('a key alone means the provider, a base URL alone a server that wants no key', () => {
  assert.deepEqual(readConfig({ OPENAI_API_KEY: 'sk-1' }).model, {
    title: 'the model server',
    apiKey: 'sk-1',
    name: 'gpt-4.1-mini',
  });
  assert.deepEqual(readConfig({ OPENAI_BASE_URL: 'http://localhost:11434/v1', WAYMARK_MODEL: 'qwen3' }).model, {
    title: 'the model server',
    apiKey: 'none',
    baseURL: 'http://localhost:11434/v1',
    name: 'qwen3',
  });
});

test('the vector length of a known embedding model is known, of another one it has to be given', () => {
  assert.deepEqual(readConfig({ WAYMARK_EMBEDDINGS: 'text-embedding-3-small' }).embeddings, {
    kind: 'provider',
    model: 'text-embedding-3-small',
    dimensions: 1536,
  });
  assert.throws(() => readConfig({ WAYMARK_EMBEDDINGS: 'nomic-embed-text' }), /WAYMARK_EMBEDDING_DIMENSIONS/);
  const given = readConfig({ WAYMARK_EMBEDDINGS: 'nomic-embed-text', WAYMARK_EMBEDDING_DIMENSIONS: '768' });
  assert.deepEqual(given.embeddings, { kind: 'provider', model: 'nomic-embed-text', dimensions: 768 });
});

test('several embedding models are named for a move from one to another, the first for new tenants', () => {
  const { embeddings, otherEmbeddings } = readConfig({
    WAYMARK_EMBEDDINGS: 'local, text-embedding-3-small,nomic:v2=768',
  });
  assert.deepEqual(embeddings, { kind: 'local' });
  assert.deepEqual(otherEmbeddings, [
    { kind: 'provider', model: 'text-embedding-3-small', dimensions: 1536 },
    { kind: 'provider', model: 'nomic:v2', dimensions: 768 },
  ]);
  assert.throws(() => readConfig({ WAYMARK_EMBEDDINGS: 'local,nomic' }), /WAYMARK_EMBEDDINGS=nomic=768/);
});

test('the care of memories is scheduled for the default tenant, unless it is told otherwise', () => {
  assert.equal(readConfig({ WAYMARK_MEMORY_CARE: 'off' }).memoryCare, undefined);
  assert.deepEqual(readConfig({ WAYMARK_MEMORY_CARE: '30 4 * * 1', WAYMARK_CARE_TENANTS: 'a, b' }).memoryCare, {
    tenants: ['a', 'b'],
    cron: '30 4 * * 1',
  });
  assert.throws(() => readConfig({ WAYMARK_MEMORY_CARE: 'daily' }), /WAYMARK_MEMORY_CARE: expected off or a cron/);
  assert.throws(() => readConfig({ WAYMARK_CARE_TENANTS: 'a|b' }), /WAYMARK_CARE_TENANTS: "a\|b" is not an id/);
});

test('agent modules and administered services are lists', () => {
  const config = readConfig({
    WAYMARK_AGENTS: 'one.ts, two.ts',
    WAYMARK_SERVICES: 'a=http://localhost:1/admin?x=1, b=http://localhost:2',
  });

  assert.deepEqual(config.agentModules, ['one.ts', 'two.ts']);
  assert.deepEqual(config.builtIn.services, { a: 'http://localhost:1/admin?x=1', b: 'http://localhost:2' });
  for (const wrong of ['a', 'a=', '=http://x', 'a=nowhere', ',']) {
    assert.throws(() => readConfig({ WAYMARK_SERVICES: wrong }), /WAYMARK_SERVICES: expected name=url/, wrong);
  }
});

test('budgets of tenants are JSON, and what does not fit is named', () => {
  const read = (text: string) => readConfig({ WAYMARK_TENANT_BUDGETS: text }).tenantBudgets;
  assert.deepEqual(read('{"acme":{"period":"month","tokens":5000000}}'), {
    acme: { period: 'month', tokens: 5_000_000 },
  });
  assert.throws(() => read('acme=5'), /WAYMARK_TENANT_BUDGETS: expected JSON/);
  assert.throws(() => read('{"acme":{"period":"year"}}'), /WAYMARK_TENANT_BUDGETS: acme\.period/);
});

test('a port alone is served on this machine only', () => {
  assert.equal(readConfig({ WAYMARK_METRICS: '9464' }).metrics, '127.0.0.1:9464');
  assert.equal(readConfig({ WAYMARK_METRICS: '0.0.0.0:9464' }).metrics, '0.0.0.0:9464');
});

test('personal data to mask is named, and a name that is none is told', () => {
  assert.deepEqual(readConfig({ WAYMARK_PII: 'email, us-ssn' }).pii, ['email', 'us-ssn']);
  assert.deepEqual(readConfig({ WAYMARK_PII: 'none' }).pii, []);
  assert.throws(
    () => readConfig({ WAYMARK_PII: 'names' }),
    /WAYMARK_PII: expected none, or some of card, iban.*"names"/,
  );
});

test('links have a key that is long enough, and an address', () => {
  const key = 'k'.repeat(32);
  const given = { WAYMARK_LINK_KEY: key, WAYMARK_LINK_BASE: 'https://waymark.example.com' };
  assert.deepEqual(readConfig(given).links, { key, base: 'https://waymark.example.com' });
  assert.throws(() => readConfig({ WAYMARK_LINK_KEY: 'short' }), /WAYMARK_LINK_KEY: expected at least 32 bytes/);
  assert.throws(() => readConfig({ WAYMARK_LINK_BASE: 'example' }), /WAYMARK_LINK_BASE/);
});

test('notifiers are those that are set up, and each is set up whole', () => {
  const given = {
    WAYMARK_NOTIFY_LOG: 'off',
    WAYMARK_NOTIFY_WEBHOOK_URL: 'https://hooks.example.com',
    WAYMARK_NOTIFY_WEBHOOK_SECRET: 'secret',
    WAYMARK_NOTIFY_MAIL_SERVER: 'smtp://localhost',
    WAYMARK_NOTIFY_MAIL_FROM: 'Waymark <waymark@example.com>',
    WAYMARK_NOTIFY_MAIL_RECIPIENTS: '@example.com, ops=ops@example.com',
  };
  assert.deepEqual(readConfig(given).notify, {
    log: false,
    webhook: { url: 'https://hooks.example.com', secret: 'secret' },
    mail: {
      server: 'smtp://localhost',
      from: 'Waymark <waymark@example.com>',
      recipients: ['@example.com', 'ops=ops@example.com'],
    },
  });
  for (const name of ['WEBHOOK_SECRET', 'MAIL_FROM', 'MAIL_RECIPIENTS'] as const) {
    const rest = { ...given, [`WAYMARK_NOTIFY_${name}`]: '' };
    assert.throws(() => readConfig(rest), new RegExp(`WAYMARK_NOTIFY_${name}: expected`));
  }
});
