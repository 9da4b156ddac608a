import { readFile, writeFile } from 'node:fs/promises';
import proto from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;
type History = proto.temporal.api.history.v1.IHistory;

/** What differs from machine to machine, and no replay looks at. */
const SCRUBBED: Readonly<Record<string, string>> = { identity: 'recorder', stackTrace: '' };

/** Writes a history as JSON that can be read and compared. */
export async function writeHistory(path: string, history: History): Promise<void> {
  const plain = History.toObject(History.fromObject(history), { longs: String, bytes: String, enums: String });
  const text = JSON.stringify(plain, (key, value: unknown) => SCRUBBED[key] ?? value, 1);
  await writeFile(path, `${text}\n`);
}

/** The SDK's own reader of JSON needs one copy of protobufjs in the whole tree; here there are several. */
export async function readHistory(path: string): Promise<History> {
  return History.fromObject(JSON.parse(await readFile(path, 'utf8')));
}
