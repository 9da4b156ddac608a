/**
 * Creates a search index unless it is there; safe when several workers do it at once, and never drops anything. No
 * error text is read, because the words for a missing or an existing index differ between server versions.
 * @throws the error of `create` when there is no index afterwards
 */
export async function createIndexUnlessThere<Information>({
  create,
  describe,
}: {
  readonly create: () => Promise<unknown>;
  readonly describe: () => Promise<Information>;
}): Promise<Information> {
  const problem = await create().then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    return await describe();
  } catch (error) {
    // A connection that was lost in between says nothing about the index.
    if (error instanceof Error && error.name !== 'ReplyError') throw error;
    throw problem ?? error;
  }
}
