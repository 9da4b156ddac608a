import { readControlCall } from '../../contracts/control-calls.ts';
import type { Work } from '../../contracts/judgement.ts';
import type { JudgeInput } from '../../contracts/stages.ts';
import type { StageDependencies } from '../dependencies.ts';
import { loadTranscript } from './load-transcript.ts';

/** The work that is judged. The stage is given references; the words stand in the transcript and the task's record. */
export async function workOf(dependencies: StageDependencies, input: JudgeInput): Promise<Work> {
  const { task, agent, turn, range, finish, plan } = input;
  const [transcript, record] = await Promise.all([
    loadTranscript(dependencies, task, range),
    dependencies.records.get(task.tenant, task.taskId),
  ]);
  const items = plan.map(({ id, status }) => {
    const known = record?.plan.find((item) => item.id === id);
    return { ...known, id, title: known?.title ?? id, status };
  });
  const handedIn = finish === undefined ? undefined : await finishOf(dependencies, input, finish);
  const work = { taskId: task.taskId, agent, goal: record?.goal ?? '', turn, plan: items, transcript };
  return handedIn === undefined ? work : { ...work, finish: handedIn };
}

async function finishOf(
  dependencies: StageDependencies,
  { task }: JudgeInput,
  { assistantSeq, callId }: NonNullable<JudgeInput['finish']>,
): Promise<Work['finish']> {
  const [entry] = await loadTranscript(dependencies, task, { from: assistantSeq, to: assistantSeq });
  const call = entry?.kind === 'assistant' ? entry.calls.find(({ id }) => id === callId) : undefined;
  if (call === undefined) return undefined;
  const control = readControlCall('finish', call.arguments);
  if (control.name !== 'finish') return undefined;
  const { outcome, result = null, reason } = control;
  return { outcome, result, ...(reason === undefined ? {} : { reason }) };
}
