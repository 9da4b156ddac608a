import { parseArgs } from 'node:util';
import { startRecordService } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    data: { type: 'string' },
    'write-ms': { type: 'string', default: '0' },
  },
});
if (values.data === undefined || !/^\d+$/.test(values.port) || !/^\d+$/.test(values['write-ms'])) {
  process.stderr.write('usage: main.ts --data DIR [--port PORT] [--write-ms MILLISECONDS]\n');
  process.exit(2);
}
const service = await startRecordService({
  port: Number(values.port),
  dataDir: values.data,
  writeMs: Number(values['write-ms']),
});
process.stdout.write(`${JSON.stringify({ url: service.url })}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void service.close());
