import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailureType, isFailure } from '../../contracts/failures.ts';
import { providers } from '../../models/index.ts';
import { ConfigError, readConfig } from '../../worker/config.ts';
import { openEmbeddingModel, openLanguageModel, openModelsByName } from '../../worker/models.ts';

const fileless = () => Promise.reject(new Error('no files are wanted'));

test('a model is asked at the provider that stands before its name, with the key of that provider', () => {
  const env = { WAYMARK_MODEL: 'mistral:mistral-small-latest', MISTRAL_API_KEY: 'm', OPENAI_API_KEY: 'o' };
  const { model } = readConfig(env);
  assert.deepEqual(
    [model?.provider, model?.name, model?.baseURL, model?.apiKey, model?.dialect?.without, model?.lacks],
    ['mistral', 'mistral-small-latest', 'https://api.mistral.ai/v1', 'm', ['stream_options'], undefined],
  );
});

test('every provider that is known can be named, and says what it lacks where it lacks something', () => {
  for (const [name, { local, baseURL, keyVariable, sources, title }] of Object.entries(providers)) {
    const { model } = readConfig({ WAYMARK_MODEL: `${name}:some-model:latest` });
    assert.equal(model?.name, 'some-model:latest', name);
    const lacks = local ? undefined : baseURL === undefined ? 'AZURE_OPENAI_ENDPOINT' : keyVariable;
    assert.equal(model?.lacks, lacks, name);
    assert.ok(title !== '' && sources.length > 0 && sources.every((source) => source.startsWith('https://')), name);
    if (local) assert.match(baseURL ?? '', /^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    if (lacks === undefined) assert.equal(openLanguageModel({ model }).local, true);
    else assert.throws(() => openLanguageModel({ model }), new RegExp(`${lacks} is not set`));
  }
});

test('an id with a colon whose first part is no provider is an id at the own server', () => {
  const { model } = readConfig({ WAYMARK_MODEL: 'llama3.2:3b', OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1' });
  assert.deepEqual([model?.provider, model?.name], [undefined, 'llama3.2:3b']);
});

test('an address is overridden by the variable of its provider, and where it has none of its own it is wanted', () => {
  const gateway = readConfig({ WAYMARK_MODEL: 'deepseek:deepseek-chat', DEEPSEEK_BASE_URL: 'http://gate:4000/v1/' });
  assert.deepEqual([gateway.model?.baseURL, gateway.model?.lacks], ['http://gate:4000/v1', undefined]);
  const endpoint = { WAYMARK_MODEL: 'azure:ours', AZURE_OPENAI_ENDPOINT: 'https://us.openai.azure.com/' };
  const azure = readConfig({ ...endpoint, AZURE_OPENAI_API_KEY: 'a' });
  assert.deepEqual([azure.model?.baseURL, azure.model?.lacks], ['https://us.openai.azure.com/openai/v1', undefined]);
  assert.equal(readConfig(endpoint).model?.lacks, 'AZURE_OPENAI_API_KEY');
});

test('WAYMARK_PROVIDERS overrides what is known of a provider and adds others; what is wrong in it is named', () => {
  const given = { mistral: { without: [] }, house: { baseURL: 'https://models.example.com/v1', choice: 'required' } };
  const env = { WAYMARK_PROVIDERS: JSON.stringify(given), HOUSE_API_KEY: 'h' };
  const { model, modelServers } = readConfig({ ...env, WAYMARK_MODEL: 'house:large' });
  assert.deepEqual([model?.baseURL, model?.apiKey], ['https://models.example.com/v1', 'h']);
  assert.deepEqual(model?.dialect, { bound: 'max_tokens', choice: 'required', without: [] });
  assert.deepEqual(modelServers['mistral']?.dialect?.without, []);
  for (const [wrong, problem] of [
    ['{', /WAYMARK_PROVIDERS: expected JSON/],
    ['{"house":{}}', /house\.baseURL: expected its address/],
    ['{"house":{"baseURL":"https://a.example","bound":"tokens"}}', /house\.bound/],
  ] as const) {
    assert.throws(
      () => readConfig({ WAYMARK_PROVIDERS: wrong }),
      (error) => {
        return error instanceof ConfigError && problem.test(error.message);
      },
    );
  }
});

test('a route may name models of other providers; one whose key is missing says which', async () => {
  const models = openModelsByName(readConfig({ GROQ_API_KEY: 'g' }));
  assert.equal(models.get('groq:fast')?.name, 'fast');
  assert.equal(models.get('groq:fast'), models.get('groq:fast'), 'opened once');
  assert.equal(models.get('gpt-4.1-mini'), undefined);
  const missing = models.get('xai:grok');
  await assert.rejects(
    async () => missing?.complete({ messages: [], tools: [] }),
    (error) => isFailure(error, FailureType.ModelAuthentication) && /XAI_API_KEY is not set/.test(String(error)),
  );
});

test('embeddings have a provider of their own, or that of OpenAI, or the one of the chat model', async () => {
  const chat = { WAYMARK_MODEL: 'anthropic:claude', ANTHROPIC_API_KEY: 'a' };
  const own = readConfig({ ...chat, WAYMARK_EMBEDDINGS: 'ollama:nomic-embed-text=768' });
  assert.deepEqual(own.embeddings, {
    kind: 'provider',
    model: 'nomic-embed-text',
    dimensions: 768,
    provider: 'ollama',
  });
  assert.equal((await openEmbeddingModel(own, fileless)).name, 'nomic-embed-text');
  const keyless = readConfig({ ...chat, WAYMARK_EMBEDDINGS: 'mistral:mistral-embed=1024' });
  await assert.rejects(openEmbeddingModel(keyless, fileless), /WAYMARK_EMBEDDINGS=mistral-embed needs MISTRAL_API_KEY/);
  await openEmbeddingModel(readConfig({ OPENAI_API_KEY: 'o', WAYMARK_EMBEDDINGS: 'text-embedding-3-small' }), fileless);
});
