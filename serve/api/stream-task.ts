import type { Desk } from '../desk.ts';
import type { StreamMessage } from '../http/event-stream.ts';
import { eventStream } from '../http/event-stream.ts';
import type { StillMay } from '../keys/still-may.ts';
import type { Limits } from '../limits.ts';

export interface StreamDependencies {
  readonly limits: Pick<Limits, 'stream'>;
  readonly stillMay: StillMay;
}

/** The events of a task as server-sent events; 204 where it has ended and there are no more. */
export async function streamTask(
  dependencies: StreamDependencies,
  request: { readonly desk: Desk; readonly taskId: string; readonly from: string },
): Promise<Response> {
  const { desk, taskId, from } = request;
  const { closedAt } = await desk.summary(taskId);
  const close = dependencies.limits.stream(desk.caller);
  const mayGoOn = (): Promise<boolean> => dependencies.stillMay(desk.caller);
  const gone = new AbortController();
  const events = desk.events(taskId, { from, signal: gone.signal });
  const onEnd = (): void => {
    close();
    gone.abort();
    events.return(undefined).catch(() => undefined);
  };
  try {
    // A task that has ended answers at once, so its first event can be awaited before anything is said.
    const first = closedAt === undefined ? undefined : await events.next();
    if (!first?.done) return streamResponse({ messages: messagesOf(first?.value, events), onEnd, mayGoOn });
    onEnd();
    return new Response(null, { status: 204 });
  } catch (error) {
    onEnd();
    throw error;
  }
}

type Event = ReturnType<Desk['events']> extends AsyncGenerator<infer One> ? One : never;

async function* messagesOf(
  first: Event | undefined,
  others: AsyncGenerator<Event>,
): AsyncGenerator<StreamMessage, void, undefined> {
  if (first) yield messageOf(first);
  for await (const event of others) yield messageOf(event);
}

function messageOf(event: Event): StreamMessage {
  return { id: event.offset, event: event.type, data: JSON.stringify(event) };
}

/** A response that no proxy keeps back. */
export function streamResponse(options: Parameters<typeof eventStream>[0]): Response {
  return new Response(eventStream(options), {
    headers: {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    },
  });
}
