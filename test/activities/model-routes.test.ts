import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { routeModel } from '../../activities/model/route-model.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import type { CompletionRequest, LanguageModel } from '../../contracts/language-model.ts';
import type { ModelRoute } from '../../contracts/model-route.ts';
import { chatRequest } from '../../models/chat-request.ts';

const QUESTION: CompletionRequest = { messages: [{ role: 'user', content: 'how deep?' }], tools: [] };

/** A model that notes what it is asked, and answers or fails by the model id of the request. */
function recorded(name: string, failures: Readonly<Record<string, FailureType>> = {}) {
  const asked: CompletionRequest[] = [];
  const model: LanguageModel = {
    name,
    complete: async (request) => {
      asked.push(request);
      const type = failures[request.model ?? name];
      if (type !== undefined) throw failure(type, { message: `${request.model ?? name}: ${type}` });
      const usage = { promptTokens: 1, completionTokens: 1 };
      return { text: 'deep', calls: [], finishReason: 'stop', usage, model: request.model ?? name };
    },
  };
  return { model, asked };
}

const route = (more: Partial<ModelRoute> = {}): ModelRoute => ({ answerTokens: 100, fallbacks: [], ...more });

test('a stage without a model of its own asks the worker’s, with its answer bound', async () => {
  const { model, asked } = recorded('house');
  const routed = routeModel({ model, models: new Map() }, { route: route() });
  assert.equal((await routed.complete(QUESTION)).model, 'house');
  assert.deepEqual(asked, [{ ...QUESTION, maxTokens: 100 }]);
  assert.equal(routed.name, 'house');
});

test('model, temperature and effort of a stage are what the provider is asked with', async () => {
  const { model, asked } = recorded('house');
  const settings = { model: 'thinker', temperature: 0.3, effort: 'low' } as const;
  const routed = routeModel({ model, models: new Map() }, { route: route(settings) });
  await routed.complete(QUESTION);
  assert.equal(routed.name, 'thinker');
  const [request = QUESTION] = asked;
  const body = chatRequest(request, { model: 'house', baseURL: 'https://api.openai.com/v1' });
  assert.deepEqual(
    [body.model, body.temperature, body.reasoning_effort, body.max_completion_tokens],
    ['thinker', 0.3, 'low', 100],
  );
});

test('a model that has a name in the worker is asked at its own provider', async () => {
  const house = recorded('house');
  const guest = recorded('guest-7b');
  const routed = routeModel(
    { model: house.model, models: new Map([['cheap', guest.model]]) },
    { route: route({ model: 'cheap' }) },
  );
  assert.equal((await routed.complete(QUESTION)).model, 'guest-7b');
  assert.deepEqual([house.asked.length, guest.asked[0]?.model, routed.name], [0, undefined, 'guest-7b']);
});

test('a named failure asks the fallback that names it, others are thrown', async () => {
  const { model, asked } = recorded('house', { house: FailureType.ModelRateLimit, second: FailureType.ModelTimeout });
  const fallbacks = [
    { model: 'never', on: ['ModelError.Refused'] },
    { model: 'second', on: ['ModelError.RateLimit'] },
    { model: 'third', on: ['ModelError.RateLimit', 'ModelError.Timeout'] },
  ] as const;
  const told: string[] = [];
  const routed = routeModel(
    { model, models: new Map() },
    { route: route({ fallbacks }), onFallback: async (error, next) => void told.push(`${error.message} → ${next}`) },
  );
  assert.equal((await routed.complete(QUESTION)).model, 'third');
  assert.deepEqual(
    asked.map((request) => request.model),
    [undefined, 'second', 'third'],
  );
  assert.deepEqual(told, ['house: ModelError.RateLimit → second', 'second: ModelError.Timeout → third']);
});

test('where all models fail, the failure that trying again may mend is thrown', async () => {
  const { model } = recorded('house', { house: FailureType.ModelRefused, second: FailureType.ModelServerError });
  const fallbacks = [{ model: 'second', on: ['ModelError.Refused'] }] as const;
  const routed = routeModel({ model, models: new Map() }, { route: route({ fallbacks }) });
  await assert.rejects(
    routed.complete(QUESTION),
    (error) => error instanceof ApplicationFailure && error.type === FailureType.ModelServerError,
  );
});

test('an answer that is not wanted any more asks no other model', async () => {
  const { model, asked } = recorded('house', { house: FailureType.ModelServerError });
  const fallbacks = [{ model: 'second', on: ['ModelError.ServerError'] }] as const;
  const routed = routeModel({ model, models: new Map() }, { route: route({ fallbacks }) });
  await assert.rejects(routed.complete(QUESTION, { signal: AbortSignal.abort() }));
  assert.equal(asked.length, 1);
});
