import type { Client } from '@temporalio/client';
import type { LoadedDataConverter, Payload } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** The events of a workflow, run after run: the newest run first, each from its beginning. */
export async function* eventsOf(client: Client, workflowId: string): AsyncGenerator<HistoryEvent> {
  let runId: string | undefined;
  do {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    yield* events ?? [];
    runId = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? undefined;
  } while (runId);
}

/** What an activity gave back, be it a regular or a local one; `undefined` for any other event. */
export async function resultOf(converter: LoadedDataConverter, event: HistoryEvent): Promise<unknown> {
  const result =
    event.activityTaskCompletedEventAttributes?.result ?? event.markerRecordedEventAttributes?.details?.['result'];
  return decode(converter, result?.payloads?.[0]);
}

export async function decode(converter: LoadedDataConverter, payload: Payload | null | undefined): Promise<unknown> {
  if (!payload) return undefined;
  let payloads = [payload];
  for (const codec of converter.payloadCodecs.toReversed()) payloads = await codec.decode(payloads);
  const [first] = payloads;
  return first ? converter.payloadConverter.fromPayload(first) : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
