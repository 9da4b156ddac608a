import type { PromptMessage } from '../../contracts/language-model.ts';
import type { AssembledContext, ShownMemory, StoredSection } from '../../contracts/projection.ts';
import { section as titled } from '../terminal/page.ts';
import { plainText, shortLine } from '../terminal/plain-text.ts';
import type { Session } from '../session.ts';
import { renderTable } from '../terminal/table.ts';
import { number } from './task-page.ts';
import { moment } from '../terminal/times.ts';

/** What a page needs of a session. */
type View = Pick<Session, 'paint' | 'width'>;

/** The prompt of a turn, section by section, as the model saw it: texts are neither wrapped nor shortened. */
export function contextLines(context: AssembledContext, taskId: string, session: View): string[] {
  const { paint } = session;
  const { turn, at, sections, messages } = context;
  return [
    `${paint.strong(taskId)}  turn ${turn}, ${moment(at)}`,
    ...headLines(context).map((line) => `  ${line}`),
    '',
    ...budgetTable(sections, session),
    ...sections.flatMap((one) => [
      ...titled(session, `${one.name} (${number(one.tokens)} tokens)`, [
        ...messages.slice(one.messages.from, one.messages.to).flatMap((message) => messageLines(message, session)),
        ...(one.name === 'tools' ? toolLines(context, session) : []),
        ...whyLines(
          context.memories.filter(({ section }) => section === one.name),
          session,
        ),
      ]),
    ]),
    ...titled(
      session,
      'Left out',
      sections.flatMap(({ name, left }) => left.map(({ what, why }) => `${name}: ${what} (${why})`)),
    ),
  ];
}

function headLines({ tokens, tokenizer, shrink, tools }: AssembledContext): string[] {
  const { name, exact, model, factor } = tokenizer;
  const times = factor === undefined ? '' : `, times ${factor} after what the server has counted`;
  const counted = exact
    ? `counted with ${name}, the tokenizer of ${model}`
    : `counted with ${name}, as no tokenizer of ${model} is known`;
  const smaller = `Made smaller, to ${Math.round(shrink * 100)} %, because the provider had said that it is too long.`;
  return [`${number(tokens)} tokens, ${tools.length} tools; ${counted}${times}`, ...(shrink < 1 ? [smaller] : [])];
}

function budgetTable(sections: readonly StoredSection[], { paint, width }: View): string[] {
  const columns = [
    { head: 'SECTION', cell: ({ name }: StoredSection) => name },
    { head: 'TOKENS', cell: ({ tokens }: StoredSection) => number(tokens) },
    { head: 'OF', cell: ({ budget }: StoredSection) => number(budget) },
    { head: 'LEFT OUT', cell: ({ leftOut }: StoredSection) => (leftOut === 0 ? '' : number(leftOut)) },
  ];
  return renderTable(sections, columns, { width, paint });
}

function messageLines(message: PromptMessage, { paint }: View): string[] {
  const about = message.role === 'tool' ? `tool, result of ${message.callId}` : message.role;
  const calls = message.role === 'assistant' ? (message.calls ?? []) : [];
  return [
    paint.name(about),
    ...plainText(message.content).split('\n'),
    ...calls.map(({ id, name, arguments: raw }) => `${paint.quiet(`call ${id}`)} ${name} ${plainText(raw)}`),
  ];
}

function toolLines({ tools }: AssembledContext, { width }: View): string[] {
  return tools.map(({ name, description }) => shortLine(`${name}: ${description}`, width - 2));
}

/** Why each memory of a section is there: its score, and the parts that the score is made of. */
function whyLines(memories: readonly ShownMemory[], { paint, width }: View): string[] {
  return memories.map(({ id, kind, text, score, parts }) => {
    const { vector, text: words, recency, importance, factor, rerank } = parts;
    const made = [
      `meaning ${vector.toFixed(2)}`,
      `words ${words.toFixed(2)}`,
      `recency ${recency.toFixed(2)}`,
      `importance ${importance.toFixed(2)}`,
      ...(factor === undefined ? [] : [`factor ${factor.toFixed(2)}`]),
      ...(rerank === undefined ? [] : [`reranked ${rerank.toFixed(2)}`]),
    ];
    const why = `${score.toFixed(2)} = ${made.join(' · ')}`;
    return paint.quiet(shortLine(`why: ${why}  ${kind} ${id}: ${text}`, width - 2));
  });
}
