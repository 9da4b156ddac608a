import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { createMemoryTools, MEMORY_TOOL_NAMES } from '../../tools/index.ts';
import { approvalWords, limitWords } from '../../cli/pages/tool-list.ts';
import { runInProcess } from './cli-world.ts';
import type { CliRun } from './cli-world.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waymark-tools-'));
});
after(() => rm(folder, { recursive: true }));

function waymark(...argv: readonly string[]): Promise<CliRun> {
  const agents = fileURLToPath(new URL('tool-agents.ts', import.meta.url));
  return runInProcess(argv, { env: { ...process.env, WAYMARK_DATA: folder, WAYMARK_AGENTS: agents } });
}

test('tools lists an agent’s tools and those of its servers, with effect, approval, limits, origin and grants', async () => {
  const { stdout, code } = await waymark('tools', 'clerk');
  assert.equal(code, 0);
  const lines = stdout.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '));
  assert.ok(
    lines.includes('http_get | read | never | 30 s, 5 tries | built-in | hosts: api.example.com; methods: GET, HEAD'),
    stdout,
  );
  assert.ok(lines.includes('all_echo | read | never | 60 s, 5 tries | mcp:all | its server says: reads only'), stdout);
  assert.ok(lines.includes('all_get_sum | once | always | 60 s | mcp:all | its server says: reads only'), stdout);
  const odd = '! odd is left out. No model server takes it: its reference "#/$defs/gone" leads nowhere.';
  assert.ok(lines.includes(odd), stdout);
  assert.match(stdout, /Every agent also has remember, recall, read_artifact/);
});

test('tools --json tells everything, and a server that does not answer beside the rest', async () => {
  const lists = JSON.parse((await waymark('tools', '--json')).stdout);
  const [clerk, crowded, orphan] = lists;
  assert.deepEqual([clerk.agent, crowded.agent, orphan.agent], ['clerk', 'crowded', 'orphan']);
  const mail = clerk.tools.find(({ name }: { name: string }) => name === 'send_mail');
  assert.deepEqual(mail.grants, ['recipients: @example.com', 'from: a@example.com']);
  assert.deepEqual([mail.effect, mail.timeoutMs, mail.attempts, mail.whenBroken], ['once', 60_000, 5, 'block']);
  assert.equal(clerk.sources[0].tools.length, 2);
  assert.equal(clerk.sources[0].tools[0].hints.readOnly, true);
  assert.match(orphan.sources[0].problem, /"lost".*ENOENT/);
});

test('tools of an agent that is not there is refused with those there are', async () => {
  const { stderr, code } = await waymark('tools', 'nobody');
  assert.match(stderr, /There is no agent "nobody"\. There are: clerk, crowded, orphan\./);
  assert.notEqual(code, 0);
});

test('doctor asks every MCP server, and says what to do about one that is away', async () => {
  const { checks } = JSON.parse((await waymark('doctor', '--json')).stdout);
  const found = checks.filter(({ part }: { part: string }) => part.startsWith('MCP'));
  assert.deepEqual(
    found.map(({ part, state }: { part: string; state: string }) => [part, state]),
    [
      ['MCP all', 'ok'],
      ['MCP lost', 'missing'],
    ],
  );
  assert.match(found[0].says, /for clerk: all_echo, all_get_sum/);
  assert.match(found[1].mend, /agent "orphan" waits for it/);
  const left = checks.find(({ part }: { part: string }) => part === 'Tools');
  assert.match(left.says, /odd is left out/);
  assert.match(left.mend, /agent "clerk"/);
});

test('tools says which of an agent’s tools do not fit, with tokens needed and available and the knob', async () => {
  const { stdout } = await waymark('tools', 'crowded');
  const words = stdout.replaceAll(/\s+/g, ' ');
  const [, needed, available] =
    /they need (\d+) tokens, and its policy \(profile balanced\) gives them (\d+)\./.exec(words) ?? [];
  assert.ok(Number(needed) > Number(available) && Number(available) >= 1_200, words);
  assert.match(words, /Left over, in their order: longer_one, endless_one\./);
  assert.match(words, /Too large to be offered at all: endless_one\./);
  assert.ok(words.includes(`raise context.tools in the agent's policy to ${needed}, or take a larger profile`), words);
  assert.doesNotMatch((await waymark('tools', 'clerk')).stdout, /Not all tools fit/);
  const [{ room }] = JSON.parse((await waymark('tools', 'crowded', '--json')).stdout);
  assert.deepEqual([room.needed, room.available], [Number(needed), Number(available)]);
});

test('doctor warns of tools that do not fit, and names the knob', async () => {
  const { checks } = JSON.parse((await waymark('doctor', '--json')).stdout);
  const found = checks.filter(({ says }: { says: string }) => says.includes('Not all tools fit'));
  assert.equal(found.length, 1);
  assert.deepEqual([found[0].part, found[0].state], ['Tools', 'warning']);
  assert.match(found[0].says, /^crowded: .*need \d+ tokens.*gives them \d+/);
  assert.match(found[0].mend, /context\.tools/);
});

test('approval and limits are told in a few words', () => {
  const rule = { argument: 'plan', oneOf: ['gold'], verdict: 'ask' as const };
  assert.equal(approvalWords({ rules: [rule], otherwise: 'allow' }), 'by 1 rule, else allow');
  const tool = { name: 'x', approval: 'never' as const, timeoutMs: 1_500, attempts: 5, whenBroken: 'tell' as const };
  assert.equal(limitWords({ ...tool, effect: 'read' }), '1.5 s, 5 tries');
  assert.equal(limitWords({ ...tool, effect: 'once' }), '1.5 s');
});

test('the memory tools are the ones that are named', () => {
  const unused = new Proxy({}, { get: () => undefined });
  const tools = createMemoryTools(Object(unused));
  assert.deepEqual(
    tools.map(({ description }) => description.name),
    [...MEMORY_TOOL_NAMES],
  );
});
