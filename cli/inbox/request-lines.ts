import { answererRemarks } from '../../client/index.ts';
import type { InboxEntry } from '../../client/index.ts';
import { answererWords } from '../../contracts/who-may-answer.ts';
import { fitText, plainLine } from '../terminal/plain-text.ts';
import { moment } from '../terminal/times.ts';

/** A line of the background, and how it is shown. */
export interface RequestLine {
  readonly text: string;
  readonly style: 'head' | 'plain' | 'quiet' | 'strong';
}

const PLAN_MARKS = { open: '☐', active: '▶', done: '☑', skipped: '⊘' } as const;

/** All that one must know to answer: what is asked and why, the task, its plan, and what happened last. */
export function requestLines(entry: InboxEntry, width: number): RequestLine[] {
  const section = (head: string, lines: readonly string[]): RequestLine[] =>
    lines.length === 0
      ? []
      : [
          { text: '', style: 'plain' },
          { text: head, style: 'head' },
          ...lines.flatMap((line) => fitText(line, width)).map((text) => ({ text, style: 'plain' as const })),
        ];
  const asked = fitText(askedText(entry), width).map((text) => ({ text, style: 'strong' as const }));
  const plan = entry.plan.map(({ title, status, note }) => {
    return `${PLAN_MARKS[status]} ${plainLine(title)}${note === undefined ? '' : `: ${plainLine(note)}`}`;
  });
  return [
    ...asked,
    ...remarksOf(entry)
      .flatMap((line) => fitText(line, width))
      .map((text) => ({ text, style: 'quiet' as const })),
    ...section('Task', [`${entry.taskId}: ${entry.goal}`]),
    ...section('Plan', plan),
    ...section('What happened last', entry.story),
  ];
}

function askedText({ request }: InboxEntry): string {
  return request.kind === 'question' ? request.text : `May ${request.tool} be called?`;
}

function remarksOf({ request }: InboxEntry): string[] {
  const handover = request.handovers?.at(-1);
  const common = [
    `asked ${moment(request.askedAt)}${request.for === undefined ? '' : `, for ${request.for}`}`,
    ...(request.deadline === undefined ? [] : [`until ${moment(request.deadline)}`]),
    ...(handover === undefined
      ? []
      : [
          `from ${handover.from ?? 'nobody'} to ${handover.to}, by ${handover.by.id}${handover.note ? `: ${handover.note}` : ''}`,
        ]),
  ];
  if (request.kind === 'approval') {
    return [`with ${request.arguments}`, `asked because ${request.reason}`, ...answererRemarks(request), ...common];
  }
  const words = answererWords(request);
  return [
    ...(request.why === undefined ? [] : [`why: ${request.why}`]),
    ...(request.choices === undefined ? [] : [`choices: ${request.choices.join(', ')}`]),
    ...(request.schema === undefined ? [] : [`answered with JSON: ${JSON.stringify(request.schema)}`]),
    ...(request.defaultAnswer === undefined ? [] : [`else: ${request.defaultAnswer}`]),
    ...(words === undefined ? [] : [words]),
    ...common,
  ];
}
