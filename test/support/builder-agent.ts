import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { defineTool } from '../../tools/define-tool.ts';

/*
 * An agent for a worker in a process of its own. What it does outside stands in the file BUILDER_SITE, a line each; its
 * site knows idempotency keys. Where BUILDER_STUCK says so
 * (`roof before,mason after`), a worker begins to take something back and never comes to its end.
 */

const site = process.env['BUILDER_SITE'] ?? '';
const stuckAt = (process.env['BUILDER_STUCK'] ?? '').split(',');

function lines(): readonly string[] {
  return existsSync(site) ? readFileSync(site, 'utf8').trim().split('\n') : [];
}

function note(line: string): void {
  appendFileSync(site, `${line}\n`);
}

async function stuck(what: string, where: 'before' | 'after'): Promise<void> {
  if (stuckAt.includes(`${what} ${where}`)) await new Promise(() => undefined);
}

async function takeBack(what: string, key: string): Promise<string> {
  note(`begins to remove ${what} ${key}`);
  await stuck(what, 'before');
  const removed = `removed ${what} ${key}`;
  if (!lines().includes(removed)) note(removed);
  await stuck(what, 'after');
  return 'gone';
}

const input = z.object({ what: z.string() });
const build = defineTool({
  name: 'build',
  description: 'Builds.',
  input,
  effect: 'idempotent',
  execute: async ({ what }) => note(`built ${what}`),
  compensate: {
    effect: 'idempotent',
    execute: ({ what }, _done, { idempotencyKey }) => takeBack(what, idempotencyKey),
  },
});
const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input,
  effect: 'once',
  execute: async ({ what }) => note(`paid ${what}`),
  compensate: { effect: 'once', execute: ({ what }, _done, { idempotencyKey }) => takeBack(what, idempotencyKey) },
});

export const builder = defineAgent({
  name: 'builder',
  description: 'Builds.',
  instructions: 'Build what you are told.',
  input: z.string(),
  output: z.string(),
  goal: (what) => what,
  memory: { extraction: { when: 'never' } },
  tools: [build, pay],
});
