import type { Judgement } from '../../contracts/judgement.ts';
import type { JudgeInput, Judged } from '../../contracts/stages.ts';
import { fenceOf } from '../attempt.ts';
import type { StageDependencies } from '../dependencies.ts';
import { projectEntry } from './project-entry.ts';
import { now, publish } from './publish.ts';

/** Writes a judgement into the transcript, where the model reads it, and tells watchers. */
export async function recordVerdict(
  dependencies: StageDependencies,
  input: JudgeInput,
  { from, judgement }: { readonly from: string; readonly judgement: Judgement },
): Promise<Judged['entry']> {
  const { task, turn, seq, occasion } = input;
  const { verdict, score, reasons } = judgement;
  const scored = score === undefined ? {} : { score };
  const entry = {
    kind: 'note' as const,
    seq,
    at: now(),
    text: textOf(from, judgement),
    verdict: { from, occasion, verdict, ...scored },
  };
  await projectEntry(dependencies, task, { entry, fence: fenceOf(input) });
  const told = { from, occasion, verdict, ...scored, reasons };
  await publish(dependencies, task, { type: 'judged', at: now(), turn, ...told });
  return entry;
}

function textOf(from: string, { verdict, score, reasons }: Judgement): string {
  const scored = score === undefined ? '' : `, ${score}`;
  const head = `${from === 'critique' ? 'Critique' : `Evaluator ${from}`} (${verdict}${scored})`;
  return reasons.length === 0 ? `${head}.` : `${head}:\n${reasons.map((reason) => `- ${reason}`).join('\n')}`;
}
