import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { untilStatus } from '../client/client-world.ts';
import { scribe } from '../client/scribe.ts';
import { findSchemathesis, runSchemathesis } from './schemathesis.ts';
import { openServeWorld } from './serve-world.ts';
import type { ServeWorld, TestService } from './serve-world.ts';

let world: ServeWorld;
let service: TestService;
let key: string;
before(async () => {
  world = await openServeWorld();
  await world.startWorker();
  key = await world.makeKey();
  service = await world.serve({ limits: { requests: 1_000_000, messages: 1_000_000 } });
});
after(() => world.stop());

/**
 * Requests reach tasks that there are. That an agent's name or an input is refused with 422 is right: which agents
 * there are, and what they take, is told by GET /v1/agents and not by the document.
 */
const CONFIG = `
[dictionaries.tasks]
values = ["scribe:asking", "scribe:listening", "scribe:nowhere", "other:scribe:asking"]
[dictionaries.requests]
values = ["q1", "t1c1"]
[parameters]
"path.task" = { dictionary = "tasks", probability = 0.7 }
"path.request" = { dictionary = "requests", probability = 0.5 }
"path.question" = { dictionary = "requests", probability = 0.5 }
"path.call" = { dictionary = "requests", probability = 0.5 }
[[operations]]
include-operation-id = "startTask"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "409", "422", "503"]
`;

test('what /openapi.json says holds for whatever Schemathesis sends', { timeout: 420_000 }, async (t) => {
  if (process.env['WAYMARK_SCHEMATHESIS'] !== '1') {
    t.skip('it takes a minute; with WAYMARK_SCHEMATHESIS=1 it runs');
    return;
  }
  const schemathesis = await findSchemathesis();
  if ('missing' in schemathesis) assert.fail(schemathesis.missing);
  const waymark = await world.connect();
  for (const [name, act] of [
    ['asking', 'ask'],
    ['listening', 'listen'],
  ] as const) {
    await untilStatus(await waymark.start(scribe, { key: name, input: { act } }), 'waiting');
  }
  const { body: document } = await service.get('/openapi.json');
  const operations = [...JSON.stringify(document).matchAll(/"operationId":/g)];

  const { code, output } = await runSchemathesis({
    ...schemathesis,
    cwd: world.env['WAYMARK_DATA'] ?? '',
    config: CONFIG,
    args: [
      ['run', `${service.url}/openapi.json`, '--header', `Authorization: Bearer ${key}`],
      ['--max-time', '40', '--seed', '7', '--phases', 'examples,coverage,fuzzing'],
      // Its answer goes on for as long as the task does; test/serve/event-stream.test.ts is about it.
      ['--exclude-operation-id', 'followTask'],
      ['--continue-on-failure', '--request-timeout', '20', '--no-color'],
    ].flat(),
  });

  assert.equal(code, 0, output);
  assert.match(output, new RegExp(`Tested: ${operations.length - 1}\\n`), output);
  // How many more depends on how fast this machine is.
  assert.match(output, /\b\d{3,} generated/, output);
  assert.equal((await service.get('/healthz')).status, 200);
});
