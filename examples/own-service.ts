import { connectWaymark } from 'waymark/client';
import { refunds } from './own-agent.ts';

const waymark = await connectWaymark({
  temporal: { address: process.env['TEMPORAL_ADDRESS'] ?? 'localhost:7233' },
  redisUrl: process.env['REDIS_URL'] ?? 'redis://localhost:6379',
});

// The same key is the same task, however often this line runs.
const input = { order: '1007', complaint: 'My bread knife never came.' };
const task = await waymark.start(refunds, { key: 'order-1007', input });

// Days later, perhaps in another process: whoever may approve does, and the task goes on.
for await (const event of waymark.get(task.taskId).events()) {
  if (event.type !== 'status' || event.status.kind !== 'waiting' || event.status.for !== 'approval') continue;
  const [approval] = event.status.approvals;
  if (approval) await task.approve({ callId: approval.callId, by: { kind: 'person', id: 'ada@example.com' } });
}

const { result } = await task.result();
console.log(`refunded ${result.refunded} euros: ${result.why}`);
await waymark.close();
