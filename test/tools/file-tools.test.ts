import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  createListFilesTool,
  createReadCsvTool,
  createReadFileTool,
  createReadJsonTool,
  createReadLogTailTool,
  createSearchFilesTool,
} from '../../tools/builtin/index.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { runForObject, runTool } from '../support/run-tool.ts';

let folder: string;
let root: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-tools-'));
  root = join(folder, 'granted');
  await mkdir(join(root, 'config'), { recursive: true });
  await mkdir(join(folder, 'granted-not'));
  await writeFile(join(folder, 'secret.json'), '{"secret":"needle"}');
  await writeFile(join(folder, 'granted-not', 'other.json'), '{"secret":"needle"}');
  await writeFile(join(root, 'config', 'app.yaml'), 'name: shop\nport: 8080 # Needle\n');
  await writeFile(
    join(root, 'orders.json'),
    JSON.stringify({
      orders: [
        { id: 1, total: 5 },
        { id: 2, total: 500 },
      ],
    }),
  );
  await writeFile(
    join(root, 'people.csv'),
    '\uFEFFname,city,note\nAda,London,"first, of all"\nAlan,Wilmslow,\nGrace,New York,"two\nlines"\n',
  );
  await writeFile(join(root, 'image.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0x6e]));
  await writeFile(
    join(root, 'damaged.txt'),
    Buffer.concat([Buffer.from('price: '), Buffer.from([0x80]), Buffer.from('5 needle\n')]),
  );
  await writeFile(join(root, 'empty.txt'), '');
});
after(() => rm(folder, { recursive: true }));

describe('every file tool', () => {
  const tools = (): Tool[] => [
    createReadFileTool({ root }),
    createReadJsonTool({ root }),
    createReadCsvTool({ root }),
    createReadLogTailTool({ root }),
  ];

  it('refuses every way out of its folder', async () => {
    await symlink(join(folder, 'secret.json'), join(root, 'link.json'));
    await symlink(folder, join(root, 'up'));
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const ways = [
      '../secret.json',
      'config/../../secret.json',
      join(folder, 'secret.json'),
      'link.json',
      'up/secret.json',
    ];
    const others = ['../granted-not/other.json', '/etc/passwd', '/proc/self/environ', 'pipe', '.', 'nowhere.txt'];
    for (const tool of tools()) {
      for (const file of [...ways, ...others]) {
        await assert.rejects(runTool(tool, { file }), { name: 'ToolRefusal' }, `${tool.description.name} ${file}`);
      }
      assert.ok(!tool.bind(JSON.stringify({ file: 'a\0b' })).ok);
    }
    for (const folderAsked of ['..', '/', 'up', '../granted-not', 'people.csv']) {
      await assert.rejects(
        runTool(createListFilesTool({ root }), { folder: folderAsked }),
        { name: 'ToolRefusal' },
        folderAsked,
      );
      await assert.rejects(runTool(createSearchFilesTool({ root }), { folder: folderAsked, text: 'x' }), {
        name: 'ToolRefusal',
      });
    }
  });

  it('never follows a folder that becomes a link while it is read', async () => {
    await mkdir(join(root, 'swapped'));
    await writeFile(join(root, 'swapped', 'secret.json'), '{"harmless":true}');
    const tool = createReadFileTool({ root });
    let stop = false;
    const swapping = (async () => {
      while (!stop) {
        await rename(join(root, 'swapped'), join(root, 'swapped-away'));
        await symlink(folder, join(root, 'swapped'));
        await rm(join(root, 'swapped'));
        await rename(join(root, 'swapped-away'), join(root, 'swapped'));
      }
    })();
    for (let round = 0; round < 300; round += 1) {
      const read = await runForObject(tool, { file: 'swapped/secret.json' }).catch((error: unknown) => {
        assert.equal(Object(error).name, 'ToolRefusal');
        return undefined;
      });
      assert.doesNotMatch(String(read?.text), /needle/);
    }
    stop = true;
    await swapping;
  });

  it('only reads, and says which folder it was granted', () => {
    for (const tool of [...tools(), createListFilesTool({ root }), createSearchFilesTool({ root })]) {
      assert.deepEqual([tool.description.effect, tool.description.approval], ['read', 'never']);
      assert.deepEqual(tool.grants, [`root: ${root}`]);
    }
  });
});

describe('read_file', () => {
  const read = (args: object): Promise<Record<string, unknown>> => runForObject(createReadFileTool({ root }), args);

  it('answers lines, and whether others follow', async () => {
    await writeFile(
      join(root, 'long.txt'),
      Array.from({ length: 1_000 }, (_, index) => `line ${index + 1}\n`).join(''),
    );
    assert.deepEqual(await read({ file: 'long.txt', from: 3, lines: 2 }), {
      file: 'long.txt',
      sizeBytes: 8_893,
      from: 3,
      to: 4,
      more: true,
      text: 'line 3\nline 4\n',
    });
    const end = await read({ file: 'long.txt', from: 1_000 });
    assert.deepEqual([end.text, end.to, end.more], ['line 1000\n', 1_000, false]);
    await assert.rejects(read({ file: 'long.txt', from: 1_001 }), /has no line 1001; its last is 1000/);
  });

  it('reads a file without a last newline, and an empty one', async () => {
    await writeFile(join(root, 'short.txt'), 'one\ntwo');
    const short = await read({ file: 'short.txt' });
    assert.deepEqual([short.text, short.to, short.more], ['one\ntwo', 2, false]);
    assert.deepEqual((await read({ file: 'empty.txt' })).text, '');
  });

  it('stops within its bound in one endless line, between two characters', async () => {
    await writeFile(join(root, 'endless.txt'), 'ü'.repeat(400_000));
    const endless = await read({ file: 'endless.txt' });
    assert.equal(endless.more, true);
    assert.match(String(endless.text), /^ü+$/);
    assert.ok(Buffer.byteLength(String(endless.text)) <= 256 * 1024);
  });

  it('refuses a binary file with its size, and says where bytes are no UTF-8', async () => {
    await assert.rejects(read({ file: 'image.png' }), { name: 'ToolRefusal', message: /binary file of 7 bytes/ });
    const damaged = await read({ file: 'damaged.txt' });
    assert.equal(damaged.text, 'price: \uFFFD5 needle\n');
    assert.match(String(damaged.damaged), /not UTF-8/);
    await writeFile(join(root, 'honest.txt'), 'a real \uFFFD\n');
    assert.equal((await read({ file: 'honest.txt' })).damaged, undefined);
  });
});

describe('list_files and search_files', () => {
  it('list a folder, links as links', async () => {
    const listed = await runForObject(createListFilesTool({ root }), {});
    const entries = Object(listed.entries);
    const typeOf = (name: string): unknown => entries.find((entry: { name: string }) => entry.name === name)?.type;
    assert.deepEqual(['config', 'people.csv', 'up', 'pipe'].map(typeOf), ['folder', 'file', 'link', 'other']);
  });

  it('find lines in files, not in binary ones nor behind links', async () => {
    const found = await runForObject(createSearchFilesTool({ root }), { text: 'needle' });
    assert.deepEqual(found.matches, [
      { file: join('config', 'app.yaml'), line: 2, text: 'port: 8080 # Needle' },
      { file: 'damaged.txt', line: 1, text: 'price: \uFFFD5 needle' },
    ]);
    assert.deepEqual([found.complete, Object(found.leftOut).binary], [true, 1]);
  });

  it('say where a search stopped early', async () => {
    const found = await runForObject(createSearchFilesTool({ root }), { text: 'line', name: 'long', limit: 3 });
    assert.deepEqual([found.count, found.complete], [3, false]);
  });

  it('stop when the call is cancelled', async () => {
    const search = runTool(createSearchFilesTool({ root }), { text: 'x' }, { signal: AbortSignal.abort() });
    await assert.rejects(search, { name: 'AbortError' });
  });
});

describe('read_json', () => {
  const read = (args: object): Promise<Record<string, unknown>> => runForObject(createReadJsonTool({ root }), args);

  it('answers the whole, or what a query selects', async () => {
    assert.deepEqual(Object((await read({ file: 'orders.json' })).value).orders.length, 2);
    const selected = await read({ file: 'orders.json', query: 'orders[?total > `100`].{order: id}' });
    assert.deepEqual(selected.value, [{ order: 2 }]);
    assert.equal((await read({ file: 'orders.json', query: 'nothing.here' })).value, null);
  });

  it('refuses what is no JSON, and a query that is none, in words that help', async () => {
    await writeFile(join(root, 'broken.json'), '{"a": [1, 2,}');
    await assert.rejects(read({ file: 'broken.json' }), {
      name: 'ToolRefusal',
      message: /broken.json is not valid JSON: /,
    });
    await assert.rejects(read({ file: 'orders.json', query: 'orders[?' }), { name: 'ToolRefusal', message: /query/ });
    await assert.rejects(read({ file: 'image.png' }), { name: 'ToolRefusal', message: /binary/ });
  });
});

describe('read_csv', () => {
  const read = (args: object): Promise<Record<string, unknown>> => runForObject(createReadCsvTool({ root }), args);

  it('answers rows as cells, quoted ones and those of several lines too', async () => {
    assert.deepEqual(await read({ file: 'people.csv' }), {
      file: 'people.csv',
      columns: ['name', 'city', 'note'],
      rows: [
        ['Ada', 'London', 'first, of all'],
        ['Alan', 'Wilmslow', ''],
        ['Grace', 'New York', 'two\nlines'],
      ],
      matched: 3,
      count: 3,
      more: false,
    });
  });

  it('answers the columns and rows that are asked for', async () => {
    const where = [{ column: 'city', contains: 'W' }];
    const some = await read({ file: 'people.csv', columns: ['note', 'name'], where, rows: 1 });
    assert.deepEqual([some.columns, some.rows, some.matched, some.more], [['note', 'name'], [['', 'Alan']], 2, true]);
    const next = await read({ file: 'people.csv', columns: ['name'], where, from: 2, rows: 1 });
    assert.deepEqual([next.rows, next.more], [[['Grace']], false]);
    const equal = await read({ file: 'people.csv', where: [{ column: 'name', equals: 'Ada' }] });
    assert.equal(equal.matched, 1);
  });

  it('refuses a column that is not there, an empty file, and lines that do not fit the header', async () => {
    await assert.rejects(read({ file: 'people.csv', columns: ['age'] }), /no column "age"; it has: name, city, note/);
    await assert.rejects(read({ file: 'empty.txt' }), { name: 'ToolRefusal', message: /is empty/ });
    await writeFile(join(root, 'ragged.csv'), 'a,b\n1,2\n3\n');
    await assert.rejects(read({ file: 'ragged.csv' }), {
      name: 'ToolRefusal',
      message: /cannot be read as CSV: .*line 3/,
    });
  });
});
