import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readInput } from '../../examples/inputs/read-input.ts';
import { demoScript } from '../../examples/scripts/index.ts';

describe('the demo script', () => {
  it('does not pretend to know another agent', () => {
    const messages = [{ role: 'system', content: 'You sell shoes.' }];
    const request = { messages, tools: ['sell'], model: 'scripted', stream: false, attempt: 1 };
    assert.throws(() => demoScript(request), /none of them/);
  });

  it('gives words where it is offered no tools', () => {
    const messages = [{ role: 'user', content: 'The account is acc-1001.' }];
    const answer = demoScript({ messages, tools: [], model: 'scripted', stream: false, attempt: 1 });
    assert.match(answer.text ?? '', /acc-1001/);
  });
});

describe('an example input', () => {
  it('says which placeholder has no value', async () => {
    const file = new URL('../../examples/inputs/troubleshooting.json', import.meta.url);
    await assert.rejects(readInput(file), /BROKEN_SERVICE_URL/);
  });
});
