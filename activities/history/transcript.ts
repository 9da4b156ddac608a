import type { Client } from '@temporalio/client';
import type { LoadedDataConverter } from '@temporalio/common';
import type { TaskRef } from '../../contracts/ids.ts';
import type { Captured } from '../../contracts/stages.ts';
import type { AgentTaskInput } from '../../contracts/task.ts';
import type { InputSource, TranscriptEntry } from '../../contracts/transcript.ts';
import { inputText } from '../../contracts/transcript.ts';
import type { HistoryEvent } from './events.ts';
import { decode, eventsOf, isRecord, resultOf } from './events.ts';

/** What the events of a history say of the transcript: texts by where they entered, and entries made by stages. */
interface Found {
  readonly texts: Map<string, string>;
  readonly captured: Captured['captured'][number][];
  readonly entries: TranscriptEntry[];
}

/** Rebuilds a transcript from workflow histories, through all runs of a task. */
export async function readTranscript(client: Client, { taskId }: Pick<TaskRef, 'taskId'>): Promise<TranscriptEntry[]> {
  const found: Found = { texts: new Map(), captured: [], entries: [] };
  for await (const event of eventsOf(client, taskId)) await readEvent(client.options.loadedDataConverter, event, found);
  return assemble(found);
}

function assemble({ texts, captured, entries }: Found): TranscriptEntry[] {
  const inputs = captured.map(({ source, entry }) => withText(entry, texts.get(sourceKey(source)) ?? ''));
  const bySeq = new Map([...inputs, ...entries].map((entry) => [entry.seq, entry]));
  return [...bySeq.values()].toSorted((one, other) => one.seq - other.seq);
}

function withText(entry: TranscriptEntry, text: string): TranscriptEntry {
  if (entry.kind === 'message' || entry.kind === 'note') return { ...entry, text: `${entry.text}${text}` };
  if (entry.kind === 'tool') return { ...entry, outcome: { ...entry.outcome, text: `${entry.outcome.text}${text}` } };
  return entry;
}

function sourceKey(source: InputSource): string {
  return 'id' in source ? `${source.kind}:${source.id}` : source.kind;
}

async function readEvent(converter: LoadedDataConverter, event: HistoryEvent, found: Found): Promise<void> {
  const started = event.workflowExecutionStartedEventAttributes;
  if (started) return readStart(await decode(converter, started.input?.payloads?.[0]), found);
  const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest;
  if (update)
    return readMessage(
      `update:${update.meta?.updateId ?? ''}`,
      await decode(converter, update.input?.args?.payloads?.[0]),
      found,
    );
  const signal = event.workflowExecutionSignaledEventAttributes;
  if (signal) return readMessage(undefined, await decode(converter, signal.input?.payloads?.[0]), found);
  return readResult(await resultOf(converter, event), found);
}

function readStart(value: unknown, found: Found): void {
  if (isRecord(value) && 'input' in value)
    found.texts.set('start', inputText((value as unknown as AgentTaskInput).input));
}

function readMessage(key: string | undefined, value: unknown, found: Found): void {
  if (!isRecord(value)) return;
  const text = value['text'] ?? value['note'] ?? value['reason'] ?? value['arguments'];
  if (typeof text === 'string') found.texts.set(key ?? `signal:${String(value['id'])}`, text);
}

/** Whatever stage made it: `captured` lists inputs, `entry` is an entry of its own. */
function readResult(value: unknown, found: Found): void {
  if (!isRecord(value)) return;
  if (Array.isArray(value['captured'])) found.captured.push(...(value as unknown as Captured).captured);
  const { joined } = value;
  if (isRecord(joined)) readResult(joined['recordObservation'], found);
  const entry = value['entry'];
  if (isRecord(entry) && typeof entry['seq'] === 'number') found.entries.push(entry as unknown as TranscriptEntry);
}
