import { openStack } from '../../local/index.ts';
import { askRedis } from '../../local/redis-answers.ts';

/*
 * A process that owns a stack, for tests that end it in every way. It prints `open`, and after a SIGINT whether its
 * servers still answer.
 */
const stack = await openStack({ dataDir: String(process.argv[2]), ui: false });
process.once('SIGINT', () => {
  void (async () => {
    const { version } = await askRedis(stack.redis.url);
    console.log(`answers ${version}`);
    await stack.close();
    clearInterval(staying);
  })();
});
const staying = setInterval(() => {}, 1_000);
console.log('open');
