import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { CompletionRequest } from '../../contracts/language-model.ts';
import { createOpenAiChat, providers } from '../../models/index.ts';
import { dialectAt } from '../../models/providers.ts';
import { chunkOf, rawServer, sendEvents } from './raw-server.ts';

const request: CompletionRequest = {
  messages: [{ role: 'user', content: 'Judge it.' }],
  tools: [{ name: 'judge', description: 'Judges.', parameters: { type: 'object', properties: {} }, strict: true }],
  mustCall: 'judge',
  temperature: 0,
  effort: 'low',
  maxTokens: 100,
};
const body = z.looseObject({
  tools: z.array(z.object({ function: z.looseObject({ name: z.string(), strict: z.boolean().optional() }) })),
});

/** What each provider is sent beyond model, messages and tools; `strict` where the tool has it. */
const SENT: Readonly<Record<string, readonly string[]>> = {
  openai: ['stream_options', 'tool_choice:named', 'temperature', 'reasoning_effort', 'max_completion_tokens', 'strict'],
  azure: ['stream_options', 'tool_choice:named', 'temperature', 'reasoning_effort', 'max_completion_tokens', 'strict'],
  anthropic: ['stream_options', 'tool_choice:named', 'temperature', 'max_tokens'],
  gemini: ['stream_options', 'tool_choice:named', 'temperature', 'reasoning_effort', 'max_tokens', 'strict'],
  mistral: ['tool_choice:named', 'temperature', 'reasoning_effort', 'max_tokens', 'strict'],
  deepseek: ['stream_options', 'temperature', 'reasoning_effort', 'max_tokens', 'strict'],
  groq: ['stream_options', 'tool_choice:named', 'temperature', 'reasoning_effort', 'max_completion_tokens', 'strict'],
  openrouter: ['stream_options', 'tool_choice:named', 'temperature', 'reasoning_effort', 'max_tokens', 'strict'],
  xai: ['stream_options', 'tool_choice:named', 'temperature', 'reasoning_effort', 'max_completion_tokens', 'strict'],
  moonshot: ['stream_options', 'reasoning_effort', 'max_completion_tokens'],
  qwen: ['stream_options', 'tool_choice:named', 'temperature', 'reasoning_effort', 'max_tokens', 'strict'],
  ollama: ['stream_options', 'tool_choice:named', 'temperature', 'reasoning_effort', 'max_tokens', 'strict'],
  lmstudio: ['stream_options', 'tool_choice:required', 'temperature', 'reasoning_effort', 'max_tokens', 'strict'],
  llamacpp: ['stream_options', 'tool_choice:named', 'temperature', 'reasoning_effort', 'max_tokens', 'strict'],
  vllm: ['stream_options', 'tool_choice:named', 'temperature', 'reasoning_effort', 'max_tokens', 'strict'],
};

for (const [name, { bound, choice, without }] of Object.entries(providers)) {
  test(`${name} is sent what it takes, and nothing that it refuses`, async (t) => {
    const sent: string[] = [];
    const server = await rawServer(t, (_request, response, text) => {
      const { model: _model, messages: _messages, stream: _stream, tools, ...rest } = body.parse(JSON.parse(text));
      for (const [parameter, value] of Object.entries(rest)) {
        const chosen = typeof value === 'string' ? value : 'named';
        sent.push(parameter === 'tool_choice' ? `${parameter}:${chosen}` : parameter);
      }
      if (tools[0]?.function.strict) sent.push('strict');
      sendEvents(response, [chunkOf({ content: 'good' }, 'stop'), '[DONE]']);
    });
    const dialect = { bound, choice, without };
    const model = createOpenAiChat({ apiKey: 'k', baseURL: server.baseURL, model: 'm', dialect });
    assert.equal((await model.complete(request)).text, 'good');
    assert.deepEqual(sent.toSorted(), [...(SENT[name] ?? [])].toSorted());
  });
}

test('a server is known by its address, too, and one that is not known is sent the plain dialect', () => {
  assert.equal(dialectAt('https://api.openai.com/v1').bound, 'max_completion_tokens');
  assert.equal(dialectAt('https://ours.openai.azure.com/openai/v1').bound, 'max_completion_tokens');
  assert.deepEqual(dialectAt('https://api.mistral.ai/v1').without, ['stream_options']);
  const plain = { bound: 'max_tokens', choice: 'named', without: [] };
  for (const address of ['http://127.0.0.1:1234/v1', 'https://models.example.com', 'nonsense']) {
    assert.deepEqual(dialectAt(address), plain, address);
  }
});
