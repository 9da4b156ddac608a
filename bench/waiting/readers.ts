import type { TaskRef } from '../../contracts/ids.ts';
import { createWaymark } from '../../client/index.ts';
import { connectRedis, createEventLog } from '../../memory/index.ts';
import type { Figures, Servers } from '../benchmark.ts';
import { until } from '../support/fleet.ts';
import { percentile, round } from '../support/statistics.ts';
import type { Client } from '@temporalio/client';

const PAUSE_MS = 40;

/** What readers were told, and how late. */
export interface Followed {
  readonly figures: Figures;
  readonly p95: number;
}

/**
 * So many readers in this process follow one task, as a model's words come in: from the moment an event is published
 * until each reader has it. The publisher is another connection, as a worker's is.
 */
export async function followedEvents(
  { redisUrl, temporalAddress: address }: Servers,
  {
    client,
    task,
    readers: count,
    events,
  }: { readonly client: Client; readonly task: TaskRef; readonly readers: number; readonly events: number },
): Promise<Followed> {
  const [reading, publishing] = [connectRedis({ url: redisUrl }), connectRedis({ url: redisUrl })];
  const log = createEventLog(publishing);
  const waymark = createWaymark({ temporal: client, address, events: createEventLog(reading), tenant: task.tenant });
  await reading.ping();
  const before = await connections(publishing);
  const delays: number[] = [];
  const stops = Array.from({ length: count }, () => new AbortController());
  let present = 0;
  const mark = `bench-${process.pid}`;
  const readers = stops.map(async ({ signal }) => {
    for await (const event of waymark.get(task.taskId).events({ signal })) {
      if (event.type !== 'model-delta' || !event.text.startsWith(mark)) continue;
      if (event.text === `${mark} begins`) present += 1;
      else delays.push(performance.now() - Number(event.text.slice(mark.length)));
    }
  });
  const say = (text: string) => ({ type: 'model-delta' as const, at: new Date().toISOString(), turn: 1, text });
  try {
    await log.publish(task, [say(`${mark} begins`)]);
    await until(() => present === count, 'every reader is there');
    const during = await connections(publishing);
    for (let at = 0; at < events; at += 1) {
      await log.publish(task, [say(`${mark} ${performance.now()}`)]);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    await until(() => delays.length === count * events, 'every reader has every event');
    return {
      figures: {
        readers: count,
        events,
        delivered: delays.length,
        msMedian: round(percentile(delays, 0.5)),
        msP95: round(percentile(delays, 0.95)),
        msWorst: round(percentile(delays, 1)),
        connectionsMore: during - before,
      },
      p95: percentile(delays, 0.95),
    };
  } finally {
    for (const stop of stops) stop.abort();
    await Promise.allSettled(readers);
    reading.disconnect();
    publishing.disconnect();
  }
}

async function connections(redis: ReturnType<typeof connectRedis>): Promise<number> {
  return Number(/connected_clients:(\d+)/.exec(await redis.info('clients'))?.[1]);
}
