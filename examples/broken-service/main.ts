import { parseArgs } from 'node:util';
import { startBrokenService } from './server.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, data: { type: 'string' } } });
if (values.data === undefined || !/^\d+$/.test(values.port)) {
  process.stderr.write('usage: main.ts --data DIR [--port PORT]\n');
  process.exit(2);
}
// Found under this name by whoever lists processes.
process.title = 'page-renderer';
const service = await startBrokenService({ port: Number(values.port), dataDir: values.data });
process.stdout.write(`${JSON.stringify({ url: service.url, logFile: service.logFile })}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void service.close());
