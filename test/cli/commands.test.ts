import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ConnectedWaymark } from '../../client/index.ts';
import { untilStatus } from '../client/client-world.ts';
import { scribe } from '../client/scribe.ts';
import type { CliWorld } from './cli-world.ts';
import { openCliWorld } from './cli-world.ts';

let world: CliWorld;
let waymark: ConnectedWaymark;
before(async () => {
  world = await openCliWorld();
  waymark = await world.connect();
  await world.startWorker();
});
after(() => world.stop());

type Act = 'ask' | 'ask-twice' | 'publish' | 'listen';

async function startWaiting(act: Act, key: string): Promise<string> {
  const task = await waymark.start(scribe, { input: { act }, key });
  await untilStatus(task, 'waiting');
  return task.taskId;
}

test('start takes its input as a file, as JSON or from standard input, and sets single fields', async () => {
  const file = join(world.env['WAYMARK_DATA'] ?? '', 'input.json');
  await writeFile(file, '{"act":"ask"}');

  const fromFile = await world.run([
    'start',
    'scribe',
    '--input',
    file,
    '--set',
    'act=finish',
    '--key',
    'file',
    '--json',
  ]);
  const fromJson = await world.run(['start', 'scribe', '--input', '{"act":"finish"}', '--key', 'json', '--json']);
  const fromStdin = await world.run(['start', 'scribe', '--input', '-', '--key', 'stdin', '--json'], {
    stdin: '{"act":"finish"}',
  });
  const fromNothing = await world.run([
    'start',
    'scribe',
    '--set',
    'act=finish',
    '--set',
    'subject=4711x',
    '--wait',
    '--json',
  ]);

  assert.deepEqual(JSON.parse(fromFile.stdout), { taskId: 'scribe:file', started: true, uiUrl: null });
  assert.deepEqual([fromJson.code, fromStdin.code, fromNothing.code], [0, 0, 0]);
  assert.equal((await waymark.get('scribe:file', scribe).result()).result.text, 'a short letter');
  assert.deepEqual(JSON.parse(fromNothing.stdout).result, { text: 'a short letter' });
});

test('start again with the same key says that the task was there', async () => {
  await startWaiting('ask', 'again');

  const run = await world.run(['start', 'scribe', '--input', '{"act":"ask"}', '--key', 'again']);

  assert.equal(run.code, 0);
  assert.match(run.stdout, /scribe:again was there already/);
});

test('start --wait fails when the task does, with its reason', async () => {
  const run = await world.run(['start', 'scribe', '--input', '{"act":"fail"}', '--key', 'fails', '--wait', '--json']);

  assert.equal(run.code, 1);
  assert.equal(JSON.parse(run.stdout).error.code, 'TaskFailed');
  assert.match(run.stderr, /there is no ink/);
});

test('list is a table for people, and JSON for programs', async () => {
  await startWaiting('ask', 'listed');

  const table = await world.run(['list', '--status', 'waiting']);
  const json = await world.run(['list', '--status', 'waiting', '--json']);

  assert.match(table.stdout, /^TASK +STATUS +TURN +STARTED +WAITS FOR, OR GOAL\n/);
  assert.match(table.stdout, /^scribe:listed +waiting +1 +\d+ s ago +answer to "Which colour\?" by ada@example\.com$/m);
  assert.ok(table.stdout.split('\n').every((line) => line.length <= 100));
  assert.ok(JSON.parse(json.stdout).some(({ taskId }: { taskId: string }) => taskId === 'scribe:listed'));
  assert.equal(json.stderr, '');
});

test('list of a tenant without tasks says how to start one, and as JSON is an empty list', async () => {
  assert.match((await world.run(['list', '--tenant', 'nobody'])).stdout, /There are no tasks yet/);
  assert.deepEqual(JSON.parse((await world.run(['list', '--tenant', 'nobody', '--json'])).stdout), []);
});

test('show tells what a task waits for with the exact command, its plan, its spending', async () => {
  const task = await startWaiting('ask', 'shown');

  const page = (await world.run(['show', task])).stdout;
  const json = JSON.parse((await world.run(['show', task, '--json'])).stdout);

  assert.match(page, /scribe:shown {2}waiting for an answer/);
  assert.match(page, /question q1 for ada@example\.com: Which colour\?/);
  assert.match(page, /waymark answer scribe:shown q1 red/);
  assert.match(page, /✓ Draft the text – two pages/);
  assert.match(page, /○ Finish the text/);
  assert.match(page, /prompt \+ [\d,]+ completion tokens in 1 turn$/m);
  assert.equal(json.source, 'worker');
  assert.equal(json.questions[0].id, 'q1');
});

test('answer finds the only open question by itself, and acts in the name that is given', async () => {
  const task = await startWaiting('ask', 'answered');

  const run = await world.run(['answer', task, 'red', '--as', 'mira@example.com']);

  assert.equal(run.code, 0);
  assert.match(run.stdout, /^Answered q1: scribe:answered is now running\.\n$/);
  assert.match((await waymark.get(task, scribe).result()).result.text, /red/);
});

test('answer names the questions where more than one is open, and takes one that is named', async () => {
  const task = await startWaiting('ask-twice', 'two');

  const unclear = await world.run(['answer', task, 'red']);
  const forgotten = await world.run(['answer', task, 'q1']);
  const named = await world.run(['answer', task, 'q2', 'thick', '--json']);

  assert.deepEqual([unclear.code, forgotten.code, named.code], [1, 2, 0]);
  assert.match(unclear.stderr, /2 open questions: q1 \(Which colour\?\), q2 \(Which paper\?\)/);
  assert.match(forgotten.stderr, /The answer is missing: waymark answer scribe:two q1 'your answer'/);
  assert.deepEqual(JSON.parse(named.stdout), {
    taskId: task,
    delivered: 'update',
    status: 'waiting',
    duplicate: false,
  });
});

test('approve and reject find the only open call by themselves', async () => {
  const approved = await startWaiting('publish', 'approved');
  const rejected = await startWaiting('publish', 'rejected');

  const yes = await world.run(['approve', approved]);
  const no = await world.run(['reject', rejected, '--reason', 'not before spring']);
  const nothing = await world.run(['approve', await startWaiting('ask', 'no-approval')]);

  assert.match(yes.stdout, /^Approved t1c1: scribe:approved is now running/);
  assert.match(no.stdout, /^Rejected t1c1/);
  assert.match((await waymark.get(rejected, scribe).result()).result.text, /not before spring/);
  assert.equal(nothing.code, 1);
  assert.match(nothing.stderr, /is waiting for an answer and has no open approval/);
});

test('what is asked of finance is approved in that role, and by nobody without it', async () => {
  const task = await startWaiting('publish', 'finance');
  const terms = { for: 'finance' };
  await waymark.get(task).approvals({ tools: { publish: { rules: [], otherwise: 'ask', terms } } });

  const alone = await world.run(['approve', task, '--as', 'mira']);
  const inRole = await world.run(['approve', task, '--as', 'mira', '--as-roles', 'lead,Finance']);
  const empty = await world.run(['approve', task, '--as-roles', 'finance,,']);

  assert.equal(alone.code, 1);
  assert.match(alone.stderr, /only finance may answer/);
  assert.match(inRole.stdout, /^Approved t1c1/);
  assert.match(empty.stderr, /Expected names joined by commas/);
});

test('send delivers an event that the task waits for', async () => {
  const task = await startWaiting('listen', 'sent');

  const page = (await world.run(['show', task])).stdout;
  const run = await world.run(['send', task, 'number 4711', '--event', 'contract-signed']);

  assert.match(page, /waymark send scribe:sent 'what happened' --event contract-signed/);
  assert.equal(run.code, 0);
  assert.equal((await waymark.get(task).result()).status, 'completed');
});

test('pause takes a duration, show tells when it ends, and resume ends it', async () => {
  const task = await startWaiting('ask', 'paused');

  const paused = await world.run(['pause', task, '--reason', 'a holiday', '--until', '3d']);
  const page = (await world.run(['show', task])).stdout;
  const resumed = await world.run(['resume', task, '--note', 'back again', '--json']);
  const again = await world.run(['resume', task]);

  assert.match(paused.stdout, /^Paused: scribe:paused is now paused\./);
  assert.match(page, /paused: a holiday\n +by .* since .*\n +goes on by itself at \d{4}-\d{2}-\d{2}/);
  assert.match(page, /question q1/);
  assert.equal(JSON.parse(resumed.stdout).status, 'waiting');
  assert.equal(again.code, 1);
  // It may have ended by then.
  assert.match(
    again.stderr,
    /^waymark: Task scribe:paused is \w+; (?:only a paused or blocked task can be resumed|it takes no more messages)\.\n$/,
  );
});

test('cancel ends a task, which then shows why', async () => {
  const task = await startWaiting('ask', 'cancelled');

  const run = await world.run(['cancel', task, '--reason', 'the customer has left']);
  await waymark
    .get(task)
    .result()
    .catch(() => undefined);
  const page = (await world.run(['show', task])).stdout;

  assert.match(run.stdout, /^Cancelled: scribe:cancelled is now cancelled\./);
  assert.match(page, /Reason\n {2}the customer has left/);
});

test('watch tells the story of a task and ends with it', async () => {
  const task = await startWaiting('ask', 'watched');
  const watching = world.run(['watch', task]);
  await world.run(['answer', task, 'blue']);

  const { code, stdout } = await watching;

  assert.equal(code, 0);
  const story = [
    '── turn 1 ─',
    'says I draft, then I need a colour.',
    'calls update_plan draft done (two pages)',
    'calls ask_user ada@example.com: Which colour?',
    '── waiting for an answer, 1 of 2 steps done ─',
    'waymark answer scribe:watched q1 red',
    '── turn 2 ─',
    'says It is written.',
    '── completed ─',
  ];
  const places = story.map((line) => stdout.indexOf(line));
  assert.ok(
    places.every((place, at) => place > (places[at - 1] ?? -1)),
    `${JSON.stringify(places)}\n${stdout}`,
  );
});

test('watch --json is one event a line, and --from goes on after an offset', async () => {
  const task = await waymark.start(scribe, { input: { act: 'finish' }, key: 'lines' });
  await task.result();

  const all = (await world.run(['watch', task.taskId, '--json'])).stdout.trim().split('\n');
  const offset: string = JSON.parse(all[2] ?? '').offset;
  const rest = (await world.run(['watch', task.taskId, '--json', '--from', offset])).stdout.trim().split('\n');

  assert.equal(JSON.parse(all.at(-1) ?? '').type, 'ended');
  assert.deepEqual(rest, all.slice(3));
});

test('an interrupted watch leaves the task alone and tells how to go on', async () => {
  const task = await startWaiting('ask', 'interrupted');
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 500);

  const { code, stderr } = await world.run(['watch', task], { interrupted: controller.signal });

  assert.equal(code, 130);
  assert.match(stderr, /The task goes on\. Watch on with: waymark watch scribe:interrupted --from \d+-\d+/);
  assert.equal((await waymark.get(task).progress()).status.kind, 'waiting');
});

test('agents lists what is configured, with descriptions', async () => {
  const people = await world.run(['agents']);
  const none = await world.run(['agents'], { env: { WAYMARK_AGENTS: '' } });

  assert.match(people.stdout, /^scribe\n {2}Writes texts, and asks what it does not know\.\n {2}tools: publish\n$/);
  assert.match(none.stdout, /No agent is configured.*WAYMARK_AGENTS/s);
});

test('setup registers what is missing and says so, and the second time changes nothing', async () => {
  const { stdout } = await world.run(['setup']);

  assert.match(stdout, /has every search attribute already; nothing was changed/);
});

test('a task of another tenant is named with its tenant, or with --tenant', async () => {
  const other = await world.connect({ tenant: 'acme' });
  await untilStatus(await other.start(scribe, { input: { act: 'ask' }, key: 'x' }), 'waiting');

  assert.equal((await world.run(['show', 'acme:scribe:x'])).code, 0);
  assert.equal((await world.run(['show', 'scribe:x', '--tenant', 'acme'])).code, 0);
  const wrong = await world.run(['show', 'acme:scribe:x', '--tenant', 'else']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /belongs to tenant "acme"/);
});
