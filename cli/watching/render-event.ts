import type { TaskEvent, WatchedEvent } from '../../contracts/events.ts';
import { callWords, outcomeWords } from './call-words.ts';
import type { EventRendererOptions, View } from './event-view.ts';
import { LABEL, label, openTurn, room, say, tell } from './event-view.ts';
import { createLiveLines } from '../terminal/live-lines.ts';
import { createPaint } from '../terminal/paint.ts';
import { shortLine } from '../terminal/plain-text.ts';
import { showEnd, showGap, showSnapshot, showStatus } from './status-events.ts';

const RECALLED_SHOWN = 3;
const BEGINNING = 60;
/** Control calls whose outcome says nothing that is not seen anyway. */
const PLAIN_OUTCOMES: ReadonlySet<string> = new Set(['update_plan', 'finish']);

/** Shows a task's events as they happen, so that a person sees what the agent does and why. */
export function createEventRenderer(options: EventRendererOptions): (event: WatchedEvent) => void {
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

function show(view: View, event: WatchedEvent): void {
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
    case 'message-refused':
      return tell(
        view,
        'refused',
        `${event.message} by ${event.from.name ?? event.from.id}: ${event.why}`,
        view.paint.warn,
      );
    case 'call-allowed':
      return tell(view, 'allowed', event.text, (line) => line);
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
    case 'gap':
      return showGap(view, event);
    case 'snapshot':
      return showSnapshot(view, event);
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
  const { promptTokens, completionTokens, cachedTokens = 0, reasoningTokens = 0, model, brokeAt } = event;
  for (const call of event.calls) {
    const words = callWords(call, room(view) - call.name.length - 1);
    const written = call.written ? paint.quiet(' (written as text)') : '';
    say(view, 'calls', `${paint.name(call.name)} ${words}`.trimEnd() + written);
  }
  const cached = cachedTokens > 0 ? ` (${cachedTokens} cached)` : '';
  const thought = reasoningTokens > 0 ? ` (${reasoningTokens} thoughts)` : '';
  const kept = brokeAt === undefined ? '' : `; same as before up to ${brokeAt}`;
  say(view, 'tokens', paint.quiet(`${promptTokens} in${cached}, ${completionTokens} out${thought}, ${model}${kept}`));
}

function showOutcome(view: View, { name, outcome }: Of<'tool-finished'>): void {
  const { paint, options } = view;
  if (outcome.status === 'ok' && PLAIN_OUTCOMES.has(name) && !options.verbose) return;
  if (outcome.status === 'ok' && outcome.by) {
    say(
      view,
      'answers',
      `${paint.name(outcome.by.id)} ${outcomeWords(outcome.text, room(view) - outcome.by.id.length - 1)}`,
    );
    return;
  }
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
