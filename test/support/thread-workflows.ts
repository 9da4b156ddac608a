import { CancellationScope, condition, defineSignal, isCancellation, setHandler, sleep } from '@temporalio/workflow';

export const goOnSignal = defineSignal('goOn');

/** Waits for a signal, so that it can be asked where it stands. */
export async function waits(): Promise<string> {
  let told = false;
  setHandler(goOnSignal, () => void (told = true));
  await condition(() => told);
  return 'went on';
}

/** Fails its workflow task with an error whose stack says where it was made. */
export async function throwsAtHome(): Promise<string> {
  await sleep(1);
  try {
    return failing();
  } catch (error) {
    return error instanceof Error ? (error.stack ?? '') : '';
  }
}

function failing(): never {
  throw new Error('made here');
}

/** Never gives its thread back. */
export async function standsStill(): Promise<void> {
  for (;;);
}

/** A promise that nobody waits for fails. */
export async function rejectsUnseen(): Promise<void> {
  void Promise.reject(new Error('nobody waits'));
  await condition(() => false);
}

/** Begins two waits in scopes of their own, after other waits, and cancels one of them. */
export async function cancelsOne(): Promise<string[]> {
  const wait = async (ms: number): Promise<string> => {
    await sleep(1);
    return sleep(ms).then(
      () => 'slept',
      (error: unknown) => (isCancellation(error) ? 'cancelled' : 'failed'),
    );
  };
  const [one, other] = [new CancellationScope(), new CancellationScope()];
  const both = [one.run(async () => wait(1_000_000)), other.run(async () => wait(20))];
  await sleep(10);
  one.cancel();
  return Promise.all(both);
}
