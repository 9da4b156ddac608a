import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Answer, TestService } from './serve-world.ts';

/** An operation of the interface, filled in so that its request is well formed. */
export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly right: string;
  readonly aboutTask: boolean;
  readonly body: object;
}

/** What a request may hold; an operation with a body that is not here fails the tests that go through all of them. */
const bodies: Readonly<Record<string, object>> = {
  startTask: { agent: 'scribe', input: { act: 'finish' } },
  sendMessage: { text: 'x' },
  deliverEvent: { text: 'x' },
  answerQuestion: { answer: 'red' },
  approveCall: {},
  rejectCall: { reason: 'x' },
  delegateRequest: { to: 'bo@example.com' },
  pauseTask: { reason: 'x' },
  resumeTask: {},
  raiseBudget: { addTurns: 1 },
  cancelTask: { reason: 'x' },
  makeLink: {},
  searchMemories: { text: '' },
};

const parameters: Readonly<Record<string, string>> = {
  question: 'q1',
  call: 't1c1',
  event: 'contract-signed',
  request: 'q1',
};

const described = z.object({
  paths: z.record(
    z.string(),
    z.partialRecord(
      z.enum(['get', 'post']),
      z.object({
        operationId: z.string(),
        security: z.array(z.record(z.string(), z.array(z.string()))),
        requestBody: z.unknown().optional(),
      }),
    ),
  ),
});

/** Every operation that /openapi.json tells of, about one task where it is about one. */
export async function operationsOf(service: TestService, taskId: string): Promise<Operation[]> {
  const { paths } = described.parse((await service.get('/openapi.json')).body);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, security, requestBody }]) => ({
      id: operationId,
      method: z.enum(['get', 'post']).parse(method),
      path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === 'task' ? taskId : known(parameters, name))),
      right: security.find((one) => one['key'])?.['key']?.[0] ?? 'none',
      aboutTask: path.includes('{task}'),
      body: requestBody === undefined ? {} : known(bodies, operationId),
    })),
  );
}

export function ask(service: TestService, { method, path, body }: Operation, key: string): Promise<Answer> {
  return method === 'get' ? service.get(path, { key }) : service.post(path, body, { key });
}

function known<Value>(table: Readonly<Record<string, Value>>, name: string): Value {
  const value = table[name];
  assert.ok(value !== undefined, `the tests do not know what ${name} takes: say so in test/serve/operations.ts`);
  return value;
}
