import type { Plan, PlanItem } from '../../contracts/task.ts';
import type { Paint } from '../terminal/paint.ts';
import { plainLine, wrapText } from '../terminal/plain-text.ts';

/** Columns of the mark before a step. */
const MARK = 2;

/** A plan as a checklist of lines no wider than `width`. */
export function planLines(plan: Plan, { paint, width }: { readonly paint: Paint; readonly width: number }): string[] {
  return plan.flatMap((item) => {
    const note = remarkOf(item);
    const [first = '', ...others] = wrapText(plainLine(item.title) + note, width - MARK);
    return [`${mark(item, paint)} ${first}`, ...others.map((line) => ' '.repeat(MARK) + line)];
  });
}

/** What was reached, or else what is to be. */
function remarkOf({ note, doneWhen }: PlanItem): string {
  if (note !== undefined) return ` – ${plainLine(note)}`;
  return doneWhen === undefined ? '' : ` (done when: ${plainLine(doneWhen)})`;
}

function mark({ status }: PlanItem, paint: Paint): string {
  if (status === 'done') return paint.good('✓');
  if (status === 'active') return paint.warn('▸');
  return paint.quiet(status === 'skipped' ? '–' : '○');
}

/** `3 of 7 steps done` */
export function planProgress(plan: Plan): string {
  const done = plan.filter(({ status }) => status === 'done').length;
  return `${done} of ${plan.length} ${plan.length === 1 ? 'step' : 'steps'} done`;
}
