import { slideOf } from './decisions.ts';
import type { TaskRun } from './task-run.ts';
import { persist, thinking } from './task-run.ts';
import { summarized } from './transitions/turns.ts';

/** Summarises the older half of the window once it has grown long enough. */
export async function slideWindow(run: TaskRun): Promise<void> {
  const { cell } = run;
  const upTo = slideOf(cell.state, cell.description.policy.summarizeAfterEntries);
  if (upTo !== undefined) await summarize(run, upTo);
}

/** Folds the window up to an entry into the summary. */
export async function summarize(run: TaskRun, upTo: number): Promise<void> {
  const { cell } = run;
  const { task, agent, turn, windowFrom, nextSeq, summarySeq, questions, plan } = cell.state;
  const input = {
    task,
    agent,
    turn,
    range: { from: windowFrom, to: upTo },
    seq: nextSeq,
    budget: cell.description.policy.context.summary,
    questions: questions.flatMap(({ id, callId, seq }) =>
      callId === undefined || seq === undefined ? [] : [{ id, callId, seq }],
    ),
    plan: plan.map(({ id, status }) => ({ id, status })),
    ...(summarySeq === undefined ? {} : { previousSummarySeq: summarySeq }),
  };
  const label = `turn ${turn}: summarise entries ${windowFrom} to ${upTo}`;
  const { usage } = await persist(run, 'summarizeTranscript', () =>
    run.stage('summarizeTranscript', label).summarizeTranscript({ ...input, ...thinking(run, 'summarizeTranscript') }),
  );
  cell.apply(summarized, { seq: nextSeq, upTo, usage });
}
