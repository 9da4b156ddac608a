import { readControlCall } from '../contracts/control-calls.ts';
import type { RecordObservationInput, Stages } from '../contracts/stages.ts';
import type {
  FailedStrategy,
  Observation,
  ProgressMarker,
  TranscriptCall,
  TranscriptEntry,
} from '../contracts/transcript.ts';
import { fenceOf } from './attempt.ts';
import type { StageDependencies } from './dependencies.ts';
import { loadTranscript } from './transcript/load-transcript.ts';
import { now, publish } from './transcript/publish.ts';

type ToolEntry = Extract<TranscriptEntry, { kind: 'tool' }>;
const LONGEST_CAUSE = 400;

/** Records once what a turn changed: outcomes, progress markers, failed strategies, answers. */
export function createRecordObservation(dependencies: StageDependencies): Stages['recordObservation'] {
  return async function recordObservation(input) {
    const { task, turn, range, seq, record, loop, reply } = input;
    const entries = await loadTranscript(dependencies, task, range);
    const observation = observationOf(input, entries);
    const entry = { kind: 'observation' as const, seq, at: now(), turn, observation };
    await Promise.all([dependencies.transcripts.write(task, entry, fenceOf(input)), dependencies.records.save(record)]);
    const markers = observation.markers.map(({ text }) => text);
    await publish(dependencies, task, {
      type: 'observation-recorded',
      at: now(),
      turn,
      summary: observation.summary,
      markers,
    });
    if (reply !== undefined) await publishReply(dependencies, input, entries);
    if (loop !== undefined) {
      await publish(dependencies, task, { type: 'loop-detected', at: now(), turn, ...loop });
    }
    return { entry };
  };
}

async function publishReply(
  dependencies: StageDependencies,
  { task, turn, reply }: RecordObservationInput,
  entries: readonly TranscriptEntry[],
): Promise<void> {
  const said = entries.find((entry) => entry.kind === 'assistant');
  if (said)
    await publish(dependencies, task, { type: 'replied', at: now(), turn, seq: said.seq, text: said.text, ...reply });
}

/** What follows from a turn's entries, without asking a model. */
export function observationOf(
  { turn, record, loop }: RecordObservationInput,
  entries: readonly TranscriptEntry[],
): Observation {
  const assistant = entries.find((entry) => entry.kind === 'assistant');
  const outcomes = entries.filter((entry) => entry.kind === 'tool');
  const done = (assistant?.calls ?? []).flatMap((call) => {
    const outcome = outcomes.find(({ callId }) => callId === call.id);
    return outcome === undefined ? [] : [{ call, outcome }];
  });
  return {
    turn,
    summary:
      assistant && done.length === 0
        ? 'replied'
        : done.map(({ call, outcome }) => `${call.name}: ${brief(outcome)}`).join('; '),
    markers: done.flatMap(({ call, outcome }) => markersOf(call, outcome, record)),
    failedStrategies: done.flatMap(({ call, outcome }) =>
      loop?.finding.kind === 'same-call' && loop.finding.callId === call.id
        ? [loopedStrategyOf(call, outcome, loop.finding.times)]
        : failedStrategyOf(call, outcome),
    ),
    learned: done.flatMap(({ call, outcome }) => learnedOf(call, outcome, entries)),
  };
}

function brief({ outcome }: ToolEntry): string {
  const text = outcome.text.replaceAll(/\s+/g, ' ').trim();
  const short = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  return outcome.status === 'ok' ? short : `${outcome.status}, ${short}`;
}

function markersOf(
  call: TranscriptCall,
  { outcome }: ToolEntry,
  record: RecordObservationInput['record'],
): ProgressMarker[] {
  if (call.name !== 'update_plan' || outcome.status !== 'ok') return [];
  const control = readControlCall('update_plan', call.arguments);
  if (control.name !== 'update_plan') return [];
  return control.changes
    .filter(({ status }) => status === 'done')
    .map(({ id }) => {
      const item = record.plan.find((candidate) => candidate.id === id);
      const title = item?.title ?? id;
      return { item: id, text: item?.note === undefined ? `${title}: done` : `${title}: ${item.note}` };
    });
}

/** The same call again and again has failed, whatever it answers. */
function loopedStrategyOf(call: TranscriptCall, { outcome }: ToolEntry, times: number): FailedStrategy {
  return {
    tool: call.name,
    arguments: call.arguments.slice(0, LONGEST_CAUSE),
    cause: `the same call had the same outcome ${times} times: ${outcome.text}`.slice(0, LONGEST_CAUSE),
    retryWhen: 'something that it depends on has changed',
  };
}

function failedStrategyOf(call: TranscriptCall, { outcome }: ToolEntry): FailedStrategy[] {
  if (outcome.status === 'ok') return [];
  const retryWhen = {
    refused: 'the arguments or the state of things have changed',
    failed: 'its backend works again',
    unknown: 'it is known whether the first call took effect',
  }[outcome.status];
  return [
    {
      tool: call.name,
      arguments: call.arguments.slice(0, LONGEST_CAUSE),
      cause: outcome.text.slice(0, LONGEST_CAUSE),
      retryWhen,
    },
  ];
}

function learnedOf(
  call: TranscriptCall,
  { outcome, callId }: ToolEntry,
  entries: readonly TranscriptEntry[],
): Observation['learned'] {
  if (call.name !== 'ask_user' || outcome.status !== 'ok' || outcome.by === undefined) return [];
  const control = readControlCall('ask_user', call.arguments);
  if (control.name !== 'ask_user') return [];
  const seq = entries.find((entry) => entry.kind === 'tool' && entry.callId === callId)?.seq;
  return seq === undefined ? [] : [{ question: control.question, answerSeq: seq, by: outcome.by }];
}
