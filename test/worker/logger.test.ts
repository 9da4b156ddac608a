import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLogger } from '../../worker/logger.ts';

function lines(): { readonly read: () => Record<string, unknown>[]; readonly write: (line: string) => void } {
  const written: string[] = [];
  return { write: (line) => void written.push(line), read: () => written.map((line) => JSON.parse(line)) };
}

describe("the worker's log", () => {
  it('says why a stage failed: message and stack of the error and of its cause, whatever the field is called', () => {
    const to = lines();
    const cause = new TypeError('fetch failed');
    createLogger('info', to).warn('Activity failed', { error: new Error('The books do not answer', { cause }) });
    const [line] = to.read();
    const told = JSON.stringify(line?.['error']);
    assert.match(told, /The books do not answer/);
    assert.match(told, /fetch failed/);
    assert.match(told, /logger\.test/, 'a stack');
  });

  it("has Waymark's words for tasks and stages", () => {
    const to = lines();
    createLogger('info', to).info('Activity completed', { workflowId: 'refunds:1', activityType: 'executeTool' });
    const [line] = to.read();
    assert.equal(line?.['task'], 'refunds:1');
    assert.equal(line?.['stage'], 'executeTool');
  });
});
