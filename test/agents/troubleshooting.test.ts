import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Agent } from '../../agents/define-agent.ts';
import { createTroubleshootingAgent } from '../../agents/troubleshooting/index.ts';
import { startBrokenService, type BrokenService } from '../../examples/broken-service/index.ts';
import { readInput } from '../../examples/inputs/read-input.ts';
import { demoScript } from '../../examples/scripts/index.ts';
import { callNames, runLoop, toolContext } from './agent-loop.ts';

describe('the troubleshooting agent with its script', () => {
  let folder: string;
  let service: BrokenService;
  let agent: Agent;
  let input: unknown;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'troubleshooting-'));
    service = await startBrokenService({ dataDir: folder });
    agent = createTroubleshootingAgent({
      logRoot: folder,
      services: { 'page-renderer': { adminUrl: `${service.url}/admin` } },
    });
    const file = new URL('../../examples/inputs/troubleshooting.json', import.meta.url);
    input = await readInput(file, { BROKEN_SERVICE_URL: service.url });
  });
  afterEach(async () => {
    await service.close();
    await rm(folder, { recursive: true });
  });
  const healthStatus = async (): Promise<number> => (await fetch(`${service.url}/health`)).status;
  const actions = async (): Promise<unknown> => (await fetch(`${service.url}/admin/status`)).json();

  for (const window of [100, 2, 1]) {
    it(`finds the cause, mends it with approval and verifies it, with ${window} turns in the prompt`, async () => {
      const end = await runLoop({ agent, input, script: demoScript, window });
      assert.equal(end.outcome, 'success');
      assert.ok(agent.checkOutput(end.result).ok);
      const { cause, fix, verified } = Object(end.result);
      assert.match(String(cause), /quota/);
      assert.match(String(fix), /clear_cache.*restart_service/);
      assert.equal(verified, true);
      assert.equal(await healthStatus(), 200);
      assert.deepEqual(
        end.plan.map(({ status }) => status),
        end.plan.map(() => 'done'),
      );
    });
  }

  it('looks at several things at once before it changes anything', async () => {
    const names = callNames(await runLoop({ agent, input, script: demoScript }));
    assert.deepEqual(names[0], ['update_plan', 'http_check', 'tcp_connect', 'dns_lookup']);
    assert.deepEqual(names[1], ['update_plan', 'read_log_tail', 'disk_space', 'list_processes']);
  });

  it('changes nothing when the change is rejected, asks, and ends as a failure that says so', async () => {
    const end = await runLoop({
      agent,
      input,
      script: demoScript,
      reject: () => 'not during the sale',
      answer: () => 'leave it',
    });
    assert.equal(end.outcome, 'failure');
    assert.match(end.reason ?? '', /not during the sale/);
    assert.equal(Object(end.result).verified, false);
    assert.ok(agent.checkOutput(end.result).ok);
    assert.match(end.questions[0]?.question ?? '', /not during the sale/);
    assert.equal(await healthStatus(), 503);
    assert.deepEqual(await actions(), { worker: 'stalled', usedBytes: 1024 * 1024, cacheCleared: 0, restarted: 0 });
  });

  it('proposes a rejected change again only when a person says so', async () => {
    let rejections = 1;
    const end = await runLoop({
      agent,
      input,
      script: demoScript,
      reject: () => (rejections-- > 0 ? 'wait a moment' : undefined),
      answer: () => 'propose it again',
    });
    assert.equal(end.outcome, 'success');
    assert.equal(end.questions.length, 1);
  });

  it('says that nothing is wrong when nothing is', async () => {
    await fetch(`${service.url}/admin/clear-cache`, { method: 'POST' });
    await fetch(`${service.url}/admin/restart`, { method: 'POST' });
    const end = await runLoop({ agent, input, script: demoScript });
    assert.equal(end.outcome, 'success');
    assert.deepEqual(callNames(end).slice(1), [['finish']]);
  });

  it('a restart alone does not help, so the cause and not the symptom has to be mended', async () => {
    await fetch(`${service.url}/admin/restart`, { method: 'POST' });
    assert.equal(await healthStatus(), 503);
  });

  it('does not let the model choose what is changed', async () => {
    const restart = agent.tools.find(({ spec }) => spec.name === 'restart_service');
    const bound = restart?.bind(JSON.stringify({ service: 'billing', reason: 'because' }));
    assert.ok(bound?.ok);
    await assert.rejects(bound.run(toolContext()), { name: 'ToolRefusal', message: /page-renderer/ });
    assert.equal(restart?.description.approval, 'always');
  });
});
