import type { PublishedEvent, TaskEvent } from '../contracts/events.ts';
import type { Plan, TaskStatus } from '../contracts/task.ts';
import { callWords, outcomeWords } from './call-words.ts';
import { createLiveLines } from './live-lines.ts';
import type { LiveLines } from './live-lines.ts';
import type { Paint } from './paint.ts';
import { createPaint } from './paint.ts';
import { shortLine, wrapText } from './plain-text.ts';
import { planProgress } from './plan-lines.ts';
import { paintStatus, statusWords } from './status-words.ts';
import { waitsOf } from './wait-lines.ts';
import { waitText } from './wait-text.ts';

export interface EventRendererOptions {
  readonly write: (text: string) => void;
  readonly color: boolean;
  /** Also token counts of every section, every recalled memory, and attempts. Default false. */
  readonly verbose?: boolean;
  /** With it, waits come with the commands that end them. */
  readonly taskId?: string;
  /** Columns. Default 100. */
  readonly width?: number;
}

/** Columns of the label that stands before each line of a turn. */
const LABEL = 12;
const RECALLED_SHOWN = 3;
const BEGINNING = 60;
/** Control calls whose outcome says nothing that is not seen anyway. */
const PLAIN_OUTCOMES: ReadonlySet<string> = new Set(['update_plan', 'finish']);

interface View {
  readonly options: EventRendererOptions;
  readonly paint: Paint;
  readonly width: number;
  readonly lines: LiveLines;
  turn: number;
  /** What the model has said in this answer so far. */
  said: string;
  status: string;
  /** How the memories begin that were shown already: a task's state changes every turn, and mostly at its end. */
  readonly remembered: Set<string>;
}

/** Shows a task's events as they happen, so that a person sees what the agent does and why. */
export function createEventRenderer(options: EventRendererOptions): (event: PublishedEvent) => void {
  const { write, color, width = 100 } = options;
  const lines = createLiveLines({ write, width, firstWidth: LABEL });
  const view: View = {
    options,
    paint: createPaint(color),
    width,
    lines,
    turn: 0,
    said: '',
    status: '',
    remembered: new Set(),
  };
  return (event) => show(view, event);
}

function show(view: View, event: TaskEvent): void {
  switch (event.type) {
    case 'input-captured':
      return showInput(view, event);
    case 'context-assembled':
      return showContext(view, event);
    case 'model-delta':
      openTurn(view, event.turn);
      view.said += event.text;
      return view.lines.grow(event.text, label(view, 'says'));
    case 'action-inferred':
      return showAction(view, event);
    case 'tool-started':
      if (event.attempt > 1) say(view, 'again', `${event.name} (attempt ${event.attempt})`);
      return undefined;
    case 'tool-moved':
      return say(view, 'works', `${view.paint.name(event.name)} ${progressWords(event.progress)}`);
    case 'tool-finished':
      return showOutcome(view, event);
    case 'observation-recorded':
      for (const marker of event.markers)
        say(view, 'progress', view.paint.good(`✓ ${shortLine(marker, room(view) - 2)}`));
      return undefined;
    case 'planned':
      return showPlanned(view, event);
    case 'judged':
      return showVerdict(view, event);
    case 'loop-detected':
      return showLoop(view, event);
    case 'memory-updated':
      return showMemories(view, event);
    case 'stage-failed':
      view.said = '';
      return tell(view, 'trouble', `${event.stage}, attempt ${event.attempt}: ${event.message}`, view.paint.bad);
    case 'status':
      return showStatus(view, event.status, event.plan);
    case 'ended':
      return showEnd(view, event);
    default:
      // A newer worker may publish what this version does not know.
      return undefined;
  }
}

type Of<Type extends TaskEvent['type']> = Extract<TaskEvent, { type: Type }>;

function showInput(view: View, { from, text }: Of<'input-captured'>): void {
  tell(view, 'input', `${from.id}: ${outcomeWords(text, 3 * room(view))}`, (line) => line);
}

function showContext(view: View, { turn, tokens, sections, recalled }: Of<'context-assembled'>): void {
  openTurn(view, turn);
  const { paint } = view;
  const detail = sections.filter((section) => section.tokens > 0).map((section) => `${section.name} ${section.tokens}`);
  tell(view, 'context', `${tokens} tokens: ${detail.join(', ')}`, paint.quiet);
  const { verbose = false } = view.options;
  const telling = verbose ? recalled : recalled.filter(({ kind }) => kind !== 'state').slice(0, RECALLED_SHOWN);
  for (const { kind, text, score } of telling) {
    const words = verbose ? `${kind} (${score.toFixed(2)}): ${text}` : `${kind}: ${text}`;
    say(view, 'recalls', paint.quiet(shortLine(words, room(view))));
  }
  const others = recalled.length - telling.length;
  if (others === 0) return;
  const more = telling.length === 0 ? '' : 'and ';
  const memories = others === 1 ? 'memory' : 'memories';
  say(
    view,
    telling.length === 0 ? 'recalls' : '',
    paint.quiet(`${more}${others} ${telling.length === 0 ? '' : 'more '}${memories}`),
  );
}

function showAction(view: View, event: Of<'action-inferred'>): void {
  openTurn(view, event.turn);
  const { lines, paint } = view;
  if (view.said === '' && event.text !== '') lines.grow(event.text, label(view, 'says'));
  lines.settle();
  view.said = '';
  const { promptTokens, completionTokens, model } = event;
  for (const call of event.calls) {
    const words = callWords(call, room(view) - call.name.length - 1);
    say(view, 'calls', `${paint.name(call.name)} ${words}`.trimEnd());
  }
  say(view, 'tokens', paint.quiet(`${promptTokens} in, ${completionTokens} out, ${model}`));
}

function showOutcome(view: View, { name, outcome }: Of<'tool-finished'>): void {
  const { paint, options } = view;
  if (outcome.status === 'ok' && PLAIN_OUTCOMES.has(name) && !options.verbose) return;
  const word = outcome.status === 'ok' ? paint.good('ok') : paint.bad(outcome.status);
  const left = room(view) - name.length - outcome.status.length - 2;
  say(view, 'gets', `${paint.name(name)} ${word} ${paint.quiet(outcomeWords(outcome.text, left))}`);
}

function progressWords({ note, done, of }: Of<'tool-moved'>['progress']): string {
  if (done === undefined) return note;
  return `${done}${of === undefined ? '' : ` of ${of}`}: ${note}`;
}

const PLAN_REASONS = {
  start: 'the plan',
  failure: 'the plan again, after failures',
  news: 'the plan again, after news',
  stuck: 'the plan again, for no step could begin',
} as const;

function showPlanned(view: View, { turn, reason, subgoals }: Of<'planned'>): void {
  openTurn(view, turn);
  tell(view, 'plans', PLAN_REASONS[reason], view.paint.name);
  for (const { id, title, doneWhen } of subgoals) {
    tell(view, '', `○ ${id}: ${title}${doneWhen === undefined ? '' : ` (done when: ${doneWhen})`}`, (line) => line);
  }
}

function showVerdict(view: View, { from, verdict, score, reasons }: Of<'judged'>): void {
  const style = verdict === 'continue' ? view.paint.good : view.paint.warn;
  const scored = score === undefined ? '' : ` (${score})`;
  tell(view, 'judges', `${from}: ${verdict}${scored}`, style);
  for (const reason of reasons) tell(view, '', reason, view.paint.quiet);
}

const LOOP_STEPS = { tell: 'the model is told', ask: 'a person is asked', block: 'the task is blocked' } as const;

function showLoop(view: View, { finding, step }: Of<'loop-detected'>): void {
  const what =
    finding.kind === 'same-call'
      ? `${finding.tool} the same way ${finding.times} times`
      : `no step finished in ${finding.turns} turns`;
  tell(view, 'loop', `${what}; ${LOOP_STEPS[step]}`, view.paint.warn);
}

function showMemories(view: View, { texts }: Of<'memory-updated'>): void {
  const { remembered, options, paint } = view;
  for (const text of texts) {
    const beginning = text.slice(0, BEGINNING);
    if (remembered.has(beginning) && !options.verbose) continue;
    remembered.add(beginning);
    say(view, 'remembers', paint.quiet(shortLine(text, room(view))));
  }
}

function showStatus(view: View, status: TaskStatus, plan: Plan): void {
  const { paint, lines, options } = view;
  const words = statusWords(status);
  const text = JSON.stringify(status);
  const before = view.status;
  view.status = text;
  if (text === before || ['completed', 'failed', 'cancelled'].includes(status.kind)) return;
  if (status.kind === 'running') {
    if (before !== '') lines.line(`${rule(view, 'goes on', paint.name)}`);
    return;
  }
  lines.line(rule(view, `${words}, ${planProgress(plan)}`, (title) => paintStatus(paint, status.kind, title)));
  for (const line of waitText(waitsOf(status, options.taskId), { paint, width: view.width - 2 }))
    lines.line(`  ${line}`);
}

function showEnd(view: View, { status, result }: Of<'ended'>): void {
  const { paint, lines } = view;
  lines.line(rule(view, statusWords(status), (title) => paintStatus(paint, status.kind, title)));
  if (status.kind === 'failed' || status.kind === 'cancelled') {
    for (const line of wrapText(status.reason, view.width - 2)) lines.line(`  ${line}`);
  }
  if (status.kind !== 'cancelled' && result !== null) {
    for (const line of JSON.stringify(result, undefined, 2).split('\n')) lines.line(`  ${line}`);
  }
}

/** The header of a turn, once. */
function openTurn(view: View, turn: number): void {
  if (turn <= view.turn) return;
  view.turn = turn;
  view.said = '';
  view.lines.line(rule(view, `turn ${turn}`, view.paint.strong));
}

function rule({ width, paint }: View, title: string, style: (text: string) => string): string {
  return `${paint.quiet('──')} ${style(title)} ${paint.quiet('─'.repeat(Math.max(width - title.length - 4, 2)))}`;
}

/** A labelled line. */
function say(view: View, word: string, text: string): void {
  view.lines.line(`${label(view, word)}${text}`);
}

/** A labelled text, on as many lines as it takes. */
function tell(view: View, word: string, text: string, style: (text: string) => string): void {
  wrapText(text, room(view)).forEach((line, at) => say(view, at === 0 ? word : '', style(line)));
}

function label({ paint }: View, word: string): string {
  return `  ${paint.quiet(word.padStart(LABEL - 3))} `;
}

function room({ width }: View): number {
  return width - LABEL;
}
