import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { ScriptedAnswer } from '../../models/index.ts';
import { defineTool } from '../../tools/define-tool.ts';
import type { RealWorld } from '../support/real-world.ts';
import { openRealWorld } from '../support/real-world.ts';
import type { TalkingTask } from '../support/workflow-world.ts';

const RESULT_BYTES = 4_000;

/** Filled so that a text has its mark beyond the digest an observation keeps of it. */
function marked(mark: string, bytes: number): string {
  return `${'some text before it, '.repeat(30)}${mark}${'x'.repeat(Math.max(bytes - 700, 0))}`;
}

const reader = defineAgent({
  name: 'reader',
  description: 'Reads.',
  instructions: 'You read pages.',
  input: z.object({ book: z.string() }),
  output: z.string(),
  goal: () => 'Read the book.',
  tools: [
    defineTool({
      name: 'read_page',
      description: 'Reads a page.',
      input: z.object({ page: z.int() }),
      effect: 'read',
      execute: async ({ page }) => marked(`RESULT-${page}-END`, RESULT_BYTES),
    }),
  ],
});

let world: RealWorld;
before(async () => {
  world = await openRealWorld([reader]);
});
after(() => world.stop());

interface Measured {
  readonly task: TalkingTask;
  readonly bytes: number;
  readonly events: number;
  readonly raw: string;
}

/** A task of that many turns, the last of which finishes; its history as the server keeps it. */
async function read(turns: number): Promise<Measured> {
  let turn = 0;
  const task = await world.start({
    agent: 'reader',
    input: { book: marked('INPUT-END', 1_000) },
    policy: { budgets: { turns: 500 }, turnsPerRun: 500, window: { messages: 100_000 } },
    script: ({ tools }): ScriptedAnswer => {
      // A summary of what the window no longer holds is no turn.
      if (tools.length === 0) return { text: 'Pages were read.' };
      turn += 1;
      if (turn === turns)
        return { text: 'Read.', calls: [{ name: 'finish', arguments: { outcome: 'success', result: 'read' } }] };
      const text = marked(`SAID-${turn}-END`, 800);
      if (turn === 3) return { text, calls: [{ name: 'ask_user', arguments: { question: 'Go on?' } }] };
      return { text, calls: [{ name: 'read_page', arguments: { page: turn } }] };
    },
  });
  await task.until('waiting');
  await task.update('send', { text: marked('SENT-END', 1_000) });
  await task.update('pause', { reason: 'tea' });
  await task.update('resume', { note: marked('NOTE-END', 1_000) });
  await task.result();
  const { workflowExecutionInfo } = (await task.handle.describe()).raw;
  const { events = [] } = await task.handle.fetchHistory();
  const raw = (events ?? []).map((event) => payloadText(event)).join('\n');
  return { task, bytes: Number(workflowExecutionInfo?.historySizeBytes ?? 0), events: events?.length ?? 0, raw };
}

/** Every payload inside an event as text. */
function payloadText(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(payloadText).join(' ');
}

function occurrences(raw: string, mark: string): number {
  return raw.split(mark).length - 1;
}

test('forty turns: every input, message, answer of the model and result stands in the history exactly once; twice the turns, twice the bytes', async () => {
  const twenty = await read(20);
  const forty = await read(40);

  for (const { raw, turns } of [
    { raw: twenty.raw, turns: 20 },
    { raw: forty.raw, turns: 40 },
  ]) {
    const marks = ['INPUT-END', 'SENT-END', 'NOTE-END'];
    for (let turn = 1; turn < turns; turn += 1)
      marks.push(`SAID-${turn}-END`, ...(turn === 3 ? [] : [`RESULT-${turn}-END`]));
    const wrong = marks
      .filter((mark) => occurrences(raw, mark) !== 1)
      .map((mark) => `${mark}: ${occurrences(raw, mark)}`);
    assert.deepEqual(wrong, []);
  }
  const ratio = forty.bytes / twenty.bytes;
  console.log(
    `history: 20 turns ${twenty.bytes} bytes in ${twenty.events} events, 40 turns ${forty.bytes} in ${forty.events}, ratio ${ratio.toFixed(3)}`,
  );
  assert.ok(ratio >= 1.8 && ratio <= 2.2, `ratio ${ratio}`);
  const texts = 39 * (RESULT_BYTES + 800);
  assert.ok(forty.bytes < 2.2 * texts, `${forty.bytes} bytes for ${texts} bytes of text`);
});
