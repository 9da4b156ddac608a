import type { TaskRun } from '../run/task-run.ts';
import { persist } from '../run/attempt.ts';
import { thinking } from '../run/task-run.ts';
import { summarized } from '../transitions/turns.ts';

/** Folds the transcript up to an entry into the summary. */
export async function summarize(run: TaskRun, upTo: number): Promise<void> {
  const { cell } = run;
  const { task, agent, turn, nextSeq, summary, questions, plan } = cell.state;
  const from = (summary?.upTo ?? 0) + 1;
  const input = {
    task,
    agent,
    turn,
    range: { from, to: upTo },
    seq: nextSeq,
    budget: cell.description.policy.context.summary,
    questions: questions.flatMap(({ id, callId, seq }) =>
      callId === undefined || seq === undefined ? [] : [{ id, callId, seq }],
    ),
    plan: plan.map(({ id, status }) => ({ id, status })),
    ...(summary === undefined ? {} : { previousSummarySeq: summary.seq }),
    ...(cell.state.leftOut === undefined ? {} : { leftOut: cell.state.leftOut }),
  };
  const label = `turn ${turn}: summarise entries ${from} to ${upTo}`;
  const { usage } = await persist(run, 'summarizeTranscript', () =>
    run.stage('summarizeTranscript', label).summarizeTranscript({ ...input, ...thinking(run, 'summarizeTranscript') }),
  );
  cell.apply(summarized, { seq: nextSeq, upTo, usage });
}
