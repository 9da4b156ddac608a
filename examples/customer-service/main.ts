import { parseArgs } from 'node:util';
import { startCustomerService } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    data: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
  },
});
if (values.data === undefined || !/^\d+$/.test(values.port)) {
  process.stderr.write('usage: main.ts --data DIR [--port PORT] [--host HOST]\n');
  process.exit(2);
}
const service = await startCustomerService({ port: Number(values.port), dataDir: values.data, host: values.host });
process.stdout.write(`${JSON.stringify({ url: service.url })}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void service.close());
