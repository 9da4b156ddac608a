import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectRedis } from '../../memory/index.ts';
import { createIndexUnlessThere } from '../../memory/search/search-index.ts';
import { startTestRedis } from '../support/servers.ts';

const DOCUMENTS = 30_000;

test('an index that is created over data is given back when the server has filled it', async (t) => {
  const server = await startTestRedis();
  t.after(() => server.stop());
  const redis = connectRedis({ url: server.url });
  t.after(() => redis.disconnect());
  const writes = redis.pipeline();
  for (let at = 0; at < DOCUMENTS; at += 1) writes.hset(`doc:${at}`, 'status', 'open');
  await writes.exec();

  await createIndexUnlessThere({
    create: () => redis.call('FT.CREATE', 'docs', 'ON', 'HASH', 'PREFIX', '1', 'doc:', 'SCHEMA', 'status', 'TAG'),
    describe: () => redis.call('FT.INFO', 'docs'),
  });

  const found = await redis.call('FT.SEARCH', 'docs', '@status:{open}', 'LIMIT', '0', '0');
  assert.deepEqual(found, [DOCUMENTS]);
});
