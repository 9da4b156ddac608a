import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Agent } from '../../agents/define-agent.ts';
import { problemWith, placeInWords } from '../../agents/research/citations.ts';
import { listFolder, readGrantedFile } from '../../agents/research/documents/granted-folder.ts';
import { createResearchAgent } from '../../agents/research/index.ts';
import { demoScript } from '../../examples/scripts/index.ts';
import type { RunningRedis } from '../../local/start-redis.ts';
import { openMemory } from '../../memory/index.ts';
import type { OpenMemory } from '../../memory/index.ts';
import type { ScriptedRequest } from '../../models/scripted/index.ts';
import { createToolMemory } from '../../tools/tool-memory.ts';
import type { ToolMemory } from '../../tools/tool-memory.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { startTestRedis } from '../support/servers.ts';
import { callNames, runLoop, toolContext } from './agent-loop.ts';

const HANDBOOK = fileURLToPath(new URL('../../examples/handbook', import.meta.url));
const INPUT = {
  question: 'How many weeks of paid parental leave are there? How many kilometres may each van be driven a year?',
};

let redis: RunningRedis;
let opened: OpenMemory;
let folder: string;
let memory: ToolMemory;
let agent: Agent;
let count = 0;

before(async () => {
  redis = await startTestRedis();
  opened = await openMemory({ redisUrl: redis.url, embedder: bagOfWords() });
});
after(async () => {
  await opened.close();
  await redis.stop();
});
beforeEach(async () => {
  count += 1;
  folder = await mkdtemp(join(tmpdir(), 'research-'));
  agent = createResearchAgent({ folder });
  memory = memoryOf({ tenant: `t${count}`, taskId: 'research:one', agent: 'research' });
});

/** What a task of an agent may use of memory. */
function memoryOf(task: { readonly tenant: string; readonly taskId: string; readonly agent: string }): ToolMemory {
  return createToolMemory(opened, { ...task, policy: agent.memory });
}

async function run(tool: string, args: object = {}, to: ToolMemory = memory): Promise<Record<string, unknown>> {
  const bound = agent.tools.find(({ spec }) => spec.name === tool)?.bind(JSON.stringify(args));
  assert.ok(bound?.ok, JSON.stringify(bound));
  return Object(await bound.run(toolContext({ memory: to, agent: 'research' })));
}

async function search(query: string): Promise<Record<string, unknown>[]> {
  const { hits } = await run('search_knowledge', { query });
  return Array.isArray(hits) ? hits.map(Object) : [];
}

describe('taking documents in', () => {
  it('reads every kind, skips what has not changed, and follows what has', async () => {
    await cp(HANDBOOK, folder, { recursive: true });
    await writeFile(join(folder, 'sheet.xlsx'), 'not a document');
    const first = await run('ingest_documents');
    assert.deepEqual([first.added, first.unchanged, first.ignored, first.problems], [12, 0, 1, []]);
    const again = await run('ingest_documents');
    assert.deepEqual([again.added, again.unchanged, again.passages], [0, 12, 0]);

    await writeFile(join(folder, 'policies/leave.md'), '# Leave\n\nEverybody has 31 days now.\n');
    await rename(join(folder, 'policies/data.md'), join(folder, 'policies/customers.md'));
    await rm(join(folder, 'operations/cleaning.txt'));
    const third = await run('ingest_documents');
    const { added, changed, unchanged, removed, passages } = third;
    assert.deepEqual({ added, changed, unchanged, removed }, { added: 1, changed: 1, unchanged: 9, removed: 2 });
    assert.ok(Number(passages) < 10);
    assert.equal((await search('everybody has days of leave'))[0]?.['text'], '# Leave\n\nEverybody has 31 days now.');
    assert.ok((await search('mixers taken apart on Sundays')).every(({ path }) => path !== 'operations/cleaning.txt'));
  });

  it('goes on from its cursor after any step, and writes each passage once', async () => {
    await cp(HANDBOOK, folder, { recursive: true });
    const sections = Array.from({ length: 120 }, (_, index) => `## Part ${index}\n\nThis is number ${index}.`);
    await writeFile(join(folder, 'long.md'), sections.join('\n\n'));
    const tool = agent.tools.find(({ spec }) => spec.name === 'ingest_documents');
    const steps = [];
    const asked = toolContext({ memory, agent: 'research' });
    let last: unknown;
    for (let cursor: unknown; ;) {
      // A fresh binding each time, as on another worker; and each step twice, as after a crash.
      const bound = tool?.bind('{}');
      assert.ok(bound?.ok && bound.step);
      const from = cursor === undefined ? undefined : JSON.parse(JSON.stringify(cursor));
      await bound.step(asked, from);
      const moved = await bound.step(asked, from);
      steps.push(moved.progress);
      ({ cursor } = moved);
      last = cursor;
      if (moved.done) break;
    }
    assert.ok(steps.length > 3);
    const kinds = ['passage'] as const;
    const all = await memory.recall({ text: '', kinds, limit: 1_000 });
    const places = all.map(({ memory: found }) => JSON.stringify(placeInWords(found)));
    assert.equal(new Set(places).size, places.length);
    assert.equal(new Set(all.map(({ memory: { data } }) => data?.['path'])).size, 13);
    const bound = tool?.bind('{}');
    assert.ok(bound?.ok);
    const { added, unchanged, passages } = Object(await bound.run(asked, JSON.parse(JSON.stringify(last))));
    assert.deepEqual({ added, unchanged, passages }, { added: 13, unchanged: 0, passages: all.length });
    assert.equal((await run('ingest_documents')).passages, 0);
  });

  it('tells of each file that it cannot read, and forgets what it said before', async () => {
    await writeFile(join(folder, 'good.md'), '# Good\n\nThis can be read.');
    await writeFile(join(folder, 'turns-bad.md'), 'This is fine for now.');
    await run('ingest_documents');
    await writeFile(join(folder, 'turns-bad.md'), Buffer.from([0xc3, 0x28, 0x41]));
    await writeFile(join(folder, 'binary.txt'), Buffer.from([1, 0, 2]));
    await writeFile(join(folder, 'broken.pdf'), '%PDF-1.7 and then nothing');
    await writeFile(join(folder, 'huge.md'), Buffer.alloc(9_000_000, 97));
    await symlink('/etc/passwd', join(folder, 'passwd.txt'));
    const done = await run('ingest_documents');
    assert.equal(done.unchanged, 1);
    assert.equal(done.unreadable, 5);
    const told = Object.fromEntries(
      (Array.isArray(done.problems) ? done.problems : []).map(({ path, problem }) => [path, problem]),
    );
    assert.match(told['turns-bad.md'], /UTF-8/);
    assert.match(told['binary.txt'], /binary/);
    assert.match(told['broken.pdf'], /no readable PDF/);
    assert.match(told['huge.md'], /9000000 bytes/);
    assert.match(told['passwd.txt'], /out of the folder/);
    assert.deepEqual(
      (await search('fine for now root')).filter(({ path }) => path !== 'good.md'),
      [],
    );
  });

  it('a file of many passages takes several steps and ends whole', async () => {
    const paragraphs = Array.from({ length: 120 }, (_, index) => `## Part ${index}\n\nThis is number ${index}.`);
    await writeFile(join(folder, 'long.md'), paragraphs.join('\n\n'));
    const { added, passages } = await run('ingest_documents');
    assert.deepEqual([added, passages], [1, 120]);
    assert.equal((await search('number 97'))[0]?.['heading'], 'Part 97');
  });

  it('an empty folder is no error, and a folder that is not there says so', async () => {
    assert.equal((await run('ingest_documents')).passages, 0);
    await rm(folder, { recursive: true });
    await assert.rejects(run('ingest_documents'), /not there on this worker/);
  });

  it('keeps to the folder whatever the links say', async () => {
    const root = join(folder, 'root');
    await mkdir(join(root, 'inner'), { recursive: true });
    await writeFile(join(folder, 'secret.txt'), 'secret');
    await writeFile(join(root, 'inner', 'open.txt'), 'open');
    await symlink(join(folder, 'secret.txt'), join(root, 'link.txt'));
    await symlink(folder, join(root, 'up'));
    await symlink(join(root, 'inner'), join(root, 'same'));
    await symlink(join(root, 'nowhere'), join(root, 'dangling.txt'));
    const listing = await listFolder(root);
    assert.deepEqual(listing.files, ['inner/open.txt']);
    assert.deepEqual(listing.outside, ['dangling.txt', 'link.txt', 'up']);
    for (const path of ['link.txt', 'up/secret.txt', '../secret.txt', 'inner/../../secret.txt']) {
      const read = await readGrantedFile(root, path);
      assert.ok(!read.ok && /out of the folder/.test(read.problem), path);
    }
    assert.ok((await readGrantedFile(root, 'same/open.txt')).ok);
    assert.ok(!(await readGrantedFile(root, 'inner')).ok);
  });
});

describe('the research agent with its script', () => {
  beforeEach(() => cp(HANDBOOK, folder, { recursive: true }));

  it('answers from Markdown and PDF, and its citations stand', async () => {
    const end = await runLoop({ agent, input: INPUT, script: demoScript, memory });
    assert.equal(end.outcome, 'success');
    const { answer, citations } = Object(end.result);
    assert.match(answer, /16 weeks.*\[1\].*32,000 kilometres.*\[2\]/);
    assert.deepEqual(
      citations.map(({ path, page }: { path: string; page?: number }) => [path, page]),
      [
        ['policies/leave.md', undefined],
        ['operations/van-lease.pdf', 2],
      ],
    );
    assert.equal(await agent.checkResult(end.result, { task: toolContext().task, memory }), undefined);
    assert.deepEqual(callNames(end)[0], ['update_plan', 'ingest_documents']);
    assert.deepEqual(
      end.plan.map(({ status }) => status),
      ['done', 'done', 'done'],
    );
  });

  it('keeps its findings with their sources, and the next task finds them beside the documents', async () => {
    await runLoop({ agent, input: INPUT, script: demoScript, memory });
    const next = memoryOf({ tenant: `t${count}`, taskId: 'research:two', agent: 'research' });
    const { hits } = await run('search_knowledge', { query: 'weeks of paid parental leave' }, next);
    const found: Record<string, unknown>[] = Array.isArray(hits) ? hits.map(Object) : [];
    const finding = found.find(({ kind }) => kind === 'fact');
    assert.ok(finding && found.some(({ kind }) => kind === 'passage'));
    assert.equal(finding['saidBy'], 'model');
    assert.equal(Object(finding['sources'])[0].path, 'policies/leave.md');
  });

  it('a finish with words that do not stand in the passage goes back to the model, which corrects it', async () => {
    let refused = 0;
    const script = (request: ScriptedRequest) => {
      const last = request.messages.findLast(({ role }) => role === 'tool')?.content ?? '';
      const answer = demoScript(request);
      if (/does not stand in it/.test(last)) refused += 1;
      const finish = answer.calls?.find(({ name }) => name === 'finish');
      if (!finish || refused > 0) return answer;
      const changed = JSON.parse(JSON.stringify(finish.arguments).replaceAll('16 weeks', '26 weeks'));
      return { ...answer, calls: [{ name: 'finish', arguments: changed }] };
    };
    const end = await runLoop({ agent, input: INPUT, script, memory });
    assert.equal(refused, 1);
    assert.match(Object(end.result).answer, /16 weeks/);
  });
});

describe('a citation', () => {
  const check = async (change: object): Promise<string | undefined> => {
    await cp(HANDBOOK, folder, { recursive: true });
    await run('ingest_documents');
    const [hit] = await search('steam is let out after twelve minutes');
    const { id, path, heading, lines } = Object(hit);
    const citation = { id, path, heading, lines, quote: 'the steam is let out after twelve minutes' };
    const found = await memory.get(String(id));
    return problemWith({ ...citation, ...change }, Object.hasOwn(change, 'id') ? undefined : found);
  };

  it('stands with other spacing and marks', async () => {
    assert.equal(await check({ quote: 'The  steam is\nlet out after twelve minutes' }), undefined);
  });

  for (const [what, change, expected] of [
    ['words that are not there', { quote: 'the steam is let out after ten minutes' }, /does not stand in it/],
    ['another path', { path: 'policies/leave.md' }, /stands elsewhere; path: "operations\/ovens\.md"/],
    ['other lines', { lines: '1-2' }, /stands elsewhere; lines: "5-7"/],
    ['another heading', { heading: 'Ovens' }, /heading: "Ovens > Starting"/],
    ['a page where there is none', { page: 3 }, /page: none/],
    ['an id that nobody gave', { id: 'doc:invented:v1:1' }, /no such passage/],
  ] as const) {
    it(`does not stand with ${what}`, async () => {
      assert.match((await check(change)) ?? '', expected);
    });
  }

  it('of a passage whose document changed since does not stand any more', async () => {
    await writeFile(join(folder, 'a.md'), 'The price is five euros.');
    await run('ingest_documents');
    const [hit] = await search('price five euros');
    await writeFile(join(folder, 'a.md'), 'The price is six euros.');
    await run('ingest_documents');
    const citation = { id: String(hit?.['id']), quote: 'The price is five euros.', path: 'a.md', lines: '1-1' };
    const result = { answer: 'Five euros [1].', citations: [citation] };
    const problem = await agent.checkResult(result, { task: toolContext().task, memory });
    assert.match(problem ?? '', /no longer current/);
  });

  it('of somebody else is none, and an answer without marks for its citations is sent back', async () => {
    await writeFile(join(folder, 'a.md'), 'The price is five euros.');
    await run('ingest_documents');
    const [hit] = await search('price five euros');
    const citation = { id: String(hit?.['id']), quote: 'The price is five euros.', path: 'a.md', lines: '1-1' };
    const { task } = toolContext();
    const stranger = memoryOf({ tenant: 'rival', taskId: 'research:one', agent: 'research' });
    const other = memoryOf({ tenant: `t${count}`, taskId: 'spy:one', agent: 'spy' });
    const result = { answer: 'Five [1].', citations: [citation] };
    for (const one of [stranger, other]) {
      assert.match((await agent.checkResult(result, { task, memory: one })) ?? '', /no such passage/);
    }
    assert.equal(await agent.checkResult(result, { task, memory }), undefined);
    const unmarked = { answer: 'Five, and see [2].', citations: [citation] };
    assert.match(
      (await agent.checkResult(unmarked, { task, memory })) ?? '',
      /\[2\], which is no citation.*nowhere refers to \[1\]/,
    );
  });
});
