import { setTimeout as sleep } from 'node:timers/promises';
import { asMap } from '../redis/reply-map.ts';

const LONGEST_BUILD_MS = 1_000;
const LOOK_AGAIN_MS = 10;

/**
 * Creates a search index unless it is there; safe when several workers do it at once, and never drops anything. No
 * error text is read, because the words for a missing or an existing index differ between server versions. The server
 * fills an index that it creates over data in the background; up to a second is waited for that, because a search that
 * comes sooner finds nothing and says nothing. `describe` asks `FT.INFO`, whose answer is given back.
 * @throws the error of `create` when there is no index afterwards
 */
export async function createIndexUnlessThere({
  create,
  describe,
}: {
  readonly create: () => Promise<unknown>;
  readonly describe: () => Promise<unknown>;
}): Promise<unknown> {
  const problem = await create().then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    return await untilBuilt(describe);
  } catch (error) {
    // A connection that was lost in between says nothing about the index.
    if (error instanceof Error && error.name !== 'ReplyError') throw error;
    throw problem ?? error;
  }
}

async function untilBuilt(describe: () => Promise<unknown>): Promise<unknown> {
  const deadline = performance.now() + LONGEST_BUILD_MS;
  for (;;) {
    const information = await describe();
    if (Number(asMap(information).get('indexing')) !== 1 || performance.now() > deadline) return information;
    await sleep(LOOK_AGAIN_MS);
  }
}
