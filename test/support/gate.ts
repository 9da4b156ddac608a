import { cancellationSignal, heartbeat } from '@temporalio/activity';

/** Something one side of a test waits for until the other side lets it pass. */
export interface Gate<Value> {
  readonly passed: Promise<Value>;
  readonly open: (value: Value) => void;
}

export function gate<Value = void>(): Gate<Value> {
  let open: ((value: Value) => void) | undefined;
  const passed = new Promise<Value>((resolve) => (open = resolve));
  return { passed, open: (value) => open?.(value) };
}

/** In an activity: beats until it is cancelled. */
export async function untilCancelled(): Promise<void> {
  const signal = cancellationSignal();
  heartbeat();
  const timer = setInterval(() => heartbeat(), 100);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  clearInterval(timer);
}
