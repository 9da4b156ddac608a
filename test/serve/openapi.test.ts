import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { z } from 'zod';
import { scribe } from '../client/scribe.ts';
import { findSchemathesis, runSchemathesis } from './schemathesis.ts';
import { openServed } from './serve-world.ts';

const { world, service, key, waymark, waiting } = await openServed({
  limits: { requests: 1_000_000, messages: 1_000_000 },
});
after(() => world.stop());

/** What is generated from it is always the same; `WAYMARK_SCHEMATHESIS_SEED=8` tries something else. */
const SEED = process.env['WAYMARK_SCHEMATHESIS_SEED'] ?? '7';
const EXAMPLES = '12';

/**
 * Requests reach tasks that there are. That an input or an answer is refused with 422 is right: what fits is told by the
 * agents and the tasks, and not by the document.
 */
const CONFIG = `
[dictionaries.tasks]
values = ["scribe:asking", "scribe:listening", "scribe:publishing", "other:scribe:asking"]
[dictionaries.requests]
values = ["q1", "t1c1"]
[parameters]
"path.task" = { dictionary = "tasks", probability = 0.9 }
"path.request" = { dictionary = "requests", probability = 0.5 }
"path.question" = { dictionary = "requests", probability = 0.5 }
"path.call" = { dictionary = "requests", probability = 0.5 }
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "403", "404", "409", "422", "503"]
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "415", "422"]
# Of a task that goes on it would wait for the end, for up to a minute.
[[operations]]
include-operation-id = "getResult"
[operations.parameters]
"path.task" = "scribe:finished"
`;

/** Skipped where Schemathesis cannot be had, unless `WAYMARK_REQUIRE_SCHEMATHESIS` is set. */
test('what /openapi.json says holds for whatever Schemathesis sends', { timeout: 600_000 }, async (t) => {
  const schemathesis = await findSchemathesis();
  if ('missing' in schemathesis) {
    assert.equal(process.env['WAYMARK_REQUIRE_SCHEMATHESIS'], undefined, schemathesis.missing);
    t.skip(schemathesis.missing);
    return;
  }
  await waiting('ask', { key: 'asking' });
  await waiting('listen', { key: 'listening' });
  await waiting('publish', { key: 'publishing' });
  await (await waymark.start(scribe, { key: 'finished', input: { act: 'finish' } })).result();
  const { body: document } = await service.get('/openapi.json');
  const operations = [...JSON.stringify(document).matchAll(/"operationId":/g)];

  const { code, output } = await runSchemathesis({
    ...schemathesis,
    cwd: world.env['WAYMARK_DATA'] ?? '',
    config: CONFIG,
    args: [
      ['run', `${service.url}/openapi.json`, '--header', `Authorization: Bearer ${key}`],
      ['--phases', 'examples,coverage,fuzzing', '--max-examples', EXAMPLES],
      ['--seed', SEED, '--generation-database', 'none'],
      // Its answer goes on for as long as the task does; test/serve/event-stream.test.ts is about it.
      ['--exclude-operation-id', 'followTask'],
      ['--continue-on-failure', '--request-timeout', '20', '--no-color'],
    ].flat(),
  });

  assert.equal(code, 0, output);
  assert.match(output, new RegExp(`Tested: ${operations.length - 1}\\n`), output);
  t.diagnostic(/\d+ generated.*/.exec(output)?.[0] ?? '');
  assert.match(output, /\b\d{3,} generated/, output);
  assert.equal((await service.get('/healthz')).status, 200);
});

test('the document tells what may be left out of a request', async () => {
  const { body } = await service.get('/openapi.json');
  const { schemas } = z
    .object({
      components: z.object({ schemas: z.record(z.string(), z.looseObject({ required: z.unknown().optional() })) }),
    })
    .parse(body).components;
  const requiredOf = (name: string): unknown => schemas[name]?.required;

  assert.deepEqual(requiredOf('StartTask'), ['agent', 'input']);
  assert.deepEqual(requiredOf('AnswerQuestion'), ['answer']);
  assert.deepEqual(requiredOf('PauseTask'), ['reason']);
  assert.deepEqual(requiredOf('ApproveCall'), []);
});
