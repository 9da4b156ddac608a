import { open, readFile, truncate } from 'node:fs/promises';

/** An append-only JSON Lines file: a line that was acknowledged survives any crash. */
export interface DurableLog {
  /** Resolves once the line is on the disk. */
  append(record: unknown): Promise<void>;
  close(): Promise<void>;
}

export interface DurableLogOptions<Entry> {
  readonly file: string;
  readonly parse: (line: unknown) => Entry;
  readonly replay: (entry: Entry) => void;
  readonly warn: (message: string) => void;
}

/**
 * Opens the log and replays what it holds. A last line that a crash tore in two was never acknowledged: it is cut off
 * with a warning.
 * @throws Error naming the line, when one before the last cannot be read
 */
export async function openDurableLog<Entry>(options: DurableLogOptions<Entry>): Promise<DurableLog> {
  const { file, warn } = options;
  const content = await readFile(file).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const end = content.lastIndexOf('\n') + 1;
  if (end < content.length) {
    warn(`${file}: the last line (${content.length - end} bytes) was torn by a crash and is dropped`);
    await truncate(file, end);
  }
  replayLines(content.subarray(0, end).toString('utf8'), options);
  const handle = await open(file, 'a');
  return {
    append: async (record) => {
      await handle.appendFile(`${JSON.stringify(record)}\n`);
      await handle.datasync();
    },
    close: () => handle.close(),
  };
}

function replayLines<Entry>(text: string, { file, parse, replay }: DurableLogOptions<Entry>): void {
  text.split('\n').forEach((line, index) => {
    if (line === '') return;
    let entry: Entry;
    try {
      entry = parse(JSON.parse(line));
    } catch (error) {
      throw new Error(`${file}: line ${index + 1} cannot be read; restore the file or move it away`, { cause: error });
    }
    replay(entry);
  });
}
