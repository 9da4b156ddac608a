import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { resolveMemoryPolicy } from '../../contracts/memory-policy.ts';
import type { TaskScopes } from '../../contracts/memory.ts';
import { openMemory } from '../../memory/index.ts';
import { createToolMemory } from '../../tools/tool-memory.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { useTestRedis } from '../support/test-redis.ts';

const { url } = await useTestRedis();
const memory = await openMemory({ redisUrl: url, embedder: bagOfWords() });
after(() => memory.close());

const policy = resolveMemoryPolicy();
const memoryOf = (task: TaskScopes) => createToolMemory(memory, { ...task, tenant: 'acme', policy });
const lead = memoryOf({ taskId: 'onboarding:acme', agent: 'onboarding' });
const scout = memoryOf({ taskId: 'research:one', agent: 'research', team: 'onboarding:acme' });
const stranger = memoryOf({ taskId: 'research:two', agent: 'research', team: 'migration:acme' });
const note = {
  scope: { scope: 'team', id: 'onboarding:acme' },
  kind: 'fact',
  text: 'The harbour opens at six.',
} as const;

test('what is told to a team is known to its members and to nobody else, and each agent keeps what is private', async () => {
  const found = async (who: typeof lead) =>
    (await who.recall({ text: 'When does the harbour open at six?' })).map(({ memory: { id } }) => id);
  await scout.remember([
    { ...note, id: 'told' },
    { ...note, id: 'own', text: 'The harbour opens, says the scout.', owner: 'research', visibility: 'private' },
  ]);
  assert.deepEqual(await found(lead), ['told']);
  assert.deepEqual((await found(scout)).toSorted(), ['own', 'told']);
  assert.deepEqual(await found(stranger), [], 'of the same agent, and of another team');
  const [refused] = await stranger.remember([{ ...note, text: 'It never opens.' }]);
  assert.equal(refused?.change, 'refused');
});
