/** One message of a stream of server-sent events. */
export interface StreamMessage {
  readonly id?: string;
  readonly event?: string;
  readonly data: string;
}

export interface EventStreamOptions {
  readonly messages: AsyncGenerator<StreamMessage>;
  /** Called once when the stream has ended, however it did. */
  readonly onEnd: () => void;
  /** Asked before each message and each sign of life: where it says no, the stream ends instead. */
  readonly mayGoOn: () => Promise<boolean>;
  /** Milliseconds of silence before a comment says that the stream still lives. Default 15,000. */
  readonly heartbeatMs?: number;
  /** A reader that takes nothing for so long is cut off, in milliseconds. Default 30,000. */
  readonly stallMs?: number;
}

/**
 * Server-sent events as a stream that is pulled: while the reader takes nothing, nothing is read on its behalf, and one
 * that takes nothing for long is cut off. It comes back with `Last-Event-ID` and has missed nothing.
 */
export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { messages, onEnd, mayGoOn, heartbeatMs = 15_000, stallMs = 30_000 } = options;
  const bytes = new TextEncoder();
  let next: Promise<IteratorResult<StreamMessage>> | undefined;
  let stall: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(stall);
    onEnd();
    // After whatever it waits for just now; nobody is left to be told of a failure.
    messages.return(undefined).catch(() => undefined);
  };
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(bytes.encode('retry: 2000\n\n')),
      pull: async (controller) => {
        clearTimeout(stall);
        next ??= messages.next();
        try {
          const result = await orSilence(next, heartbeatMs);
          if (!(await mayGoOn())) {
            end();
            controller.close();
            return;
          }
          if (result === SILENCE) controller.enqueue(bytes.encode(': still here\n\n'));
          else {
            next = undefined;
            if (result.done) {
              end();
              controller.close();
              return;
            }
            controller.enqueue(bytes.encode(messageText(result.value)));
          }
        } catch (error) {
          end();
          controller.error(error);
          return;
        }
        stall = setTimeout(() => {
          end();
          controller.error(new Error('the reader took nothing for too long'));
        }, stallMs);
        stall.unref();
      },
      cancel: end,
    },
    { highWaterMark: 1 },
  );
}

/** A message as it goes over the wire. */
export function messageText({ id, event, data }: StreamMessage): string {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...data.split(/\r\n|\r|\n/).map((line) => `data: ${line}`),
  ];
  return `${lines.join('\n')}\n\n`;
}

const SILENCE = Symbol('silence');

async function orSilence<Value>(value: Promise<Value>, ms: number): Promise<Value | typeof SILENCE> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<typeof SILENCE>((resolve) => {
    timer = setTimeout(() => resolve(SILENCE), ms);
  });
  try {
    return await Promise.race([value, silence]);
  } finally {
    clearTimeout(timer);
  }
}
