import type { TakenMessage } from '../../contracts/messages.ts';
import type { ClosedRequest } from '../../contracts/requests.ts';
import type { SectionName } from '../../contracts/projection.ts';
import type { TaskProgress, TaskStatus, TurnTokens } from '../../contracts/task.ts';
import { tokenWords } from '../../contracts/usage.ts';
import { budgetLines } from './budget-lines.ts';
import { bullets, prose, section } from '../terminal/page.ts';
import { plainLine } from '../terminal/plain-text.ts';
import { planLines, planProgress } from './plan-lines.ts';
import type { Session } from '../session.ts';
import { approvalWait, questionWait, statusWords, waitsOf } from '../../client/index.ts';
import { paintStatus } from './status-words.ts';
import { moment, span } from '../terminal/times.ts';
import { waitText } from './wait-text.ts';

/** A task as its worker tells it. */
export function progressLines(
  progress: TaskProgress,
  { session, url }: { readonly session: Session; readonly url: string | undefined },
): string[] {
  const { paint } = session;
  const { taskId, status, goal, plan, markers, lastObservation, result } = progress;
  const reason = status.kind === 'failed' || status.kind === 'cancelled' ? prose(session, status.reason) : [];
  return [
    `${paint.strong(taskId)}  ${paintStatus(paint, status.kind, statusWords(status))}`,
    ...prose(session, goal).map((line) => `  ${line}`),
    ...section(session, 'Reason', reason),
    ...section(session, 'Can be undone', undoLines(progress)),
    ...section(session, 'Waits for', waitLines(progress, session)),
    ...section(
      session,
      `Plan (${planProgress(plan)})`,
      plan.length === 0 ? [] : planLines(plan, { paint, width: session.width - 2 }),
    ),
    ...section(
      session,
      'Progress markers',
      bullets(
        session,
        markers.map(({ text }) => plainLine(text)),
      ),
    ),
    ...section(session, 'Last observation', lastObservation === undefined ? [] : prose(session, lastObservation)),
    ...section(session, 'Calls written as text', writtenLines(progress)),
    ...section(session, 'Last judgement', verdictLines(progress)),
    ...section(session, 'Decided', bullets(session, progress.closed.slice(-CLOSED_SHOWN).flatMap(closedLines))),
    ...section(session, 'People', bullets(session, peopleLines(progress))),
    ...section(session, 'Spent', spentLines(progress, session)),
    ...section(session, 'Result', result === undefined ? [] : JSON.stringify(result, undefined, 2).split('\n')),
    ...section(session, 'Temporal UI', url === undefined ? [] : [url]),
  ];
}

/** What an ended task did can be undone; of one that succeeded nobody need be told. */
function undoLines({ status, undoable, taskId }: TaskProgress): string[] {
  if (undoable === 0 || (status.kind !== 'failed' && status.kind !== 'cancelled')) return [];
  return [`${undoable === 1 ? '1 call' : `${undoable} calls`}: waymark undo ${taskId}`];
}

function writtenLines({ written }: TaskProgress): string[] {
  if (written === undefined) return [];
  const { calls, turn } = written;
  return [`${calls === 1 ? '1, taken as a call' : `${calls}, taken as calls`}; the last in turn ${turn}`];
}

const CLOSED_SHOWN = 10;
const MESSAGES_SHOWN = 10;

/** What became of a request; of an approval both versions of the arguments, where there are two. */
function closedLines({
  id,
  how,
  by,
  at,
  tool,
  arguments: asked,
  changed,
  reason,
  remembered,
  unmade,
}: ClosedRequest): string[] {
  const what = tool === undefined ? id : `${tool} (${id})`;
  const more = [
    ...(reason === undefined ? [] : [reason]),
    ...(changed === undefined ? [] : [`asked for with ${asked ?? ''}, called with ${changed}`]),
    ...(unmade === undefined ? [] : [`never called, because ${unmade}`]),
    ...(remembered === undefined ? [] : [`remembered for the ${remembered}`]),
  ];
  return [
    plainLine(`${what} ${how} by ${by.name ?? by.id}, ${moment(at)}${more.length === 0 ? '' : `: ${more.join('; ')}`}`),
  ];
}

function peopleLines({ startedBy, startedAt, messages }: TaskProgress): string[] {
  const last = messages.slice(-MESSAGES_SHOWN);
  const started: Omit<TakenMessage, 'name'> & { readonly name: string } = {
    name: 'start',
    by: startedBy,
    at: startedAt,
  };
  return [started, ...last].map(({ name, by, at, refused }) =>
    plainLine(
      `${moment(at)} ${name} by ${by.name ?? by.id} (${by.kind})${refused === undefined ? '' : `, refused: ${refused}`}`,
    ),
  );
}

function verdictLines({ lastVerdict }: TaskProgress): string[] {
  if (lastVerdict === undefined) return [];
  const { from, verdict, score, occasion } = lastVerdict;
  return [`${from}, on ${occasion}: ${verdict}${score === undefined ? '' : ` (${score})`}`];
}

/** What the task waits for, and questions that stay open beside it, e.g. while it is paused. */
function waitLines({ status, taskId, questions, approvals }: TaskProgress, { paint, width }: Session): string[] {
  const besides = openBeside(status, { questions, approvals });
  const waits = [
    ...waitsOf(status, moment),
    ...besides.questions.map((question) => questionWait(question, moment)),
    ...besides.approvals.map((approval) => approvalWait(approval, moment)),
  ];
  return waitText(waits, { taskId, paint, width: width - 2 });
}

function openBeside(
  status: TaskStatus,
  { questions, approvals }: Pick<TaskProgress, 'questions' | 'approvals'>,
): Pick<TaskProgress, 'questions' | 'approvals'> {
  const shown = status.kind === 'waiting' && status.for === 'question' ? status.questions.map(({ id }) => id) : [];
  const approvalsShown = status.kind === 'waiting' && status.for === 'approval';
  return { questions: questions.filter(({ id }) => !shown.includes(id)), approvals: approvalsShown ? [] : approvals };
}

const TURNS_SHOWN = 12;

function spentLines(
  { spent, budget, turn, tokensPerTurn, waitedMs, startedAt }: TaskProgress,
  session: Session,
): string[] {
  const waited = waitedMs < 1_000 ? '' : `, of which ${span(waitedMs)} waiting, paused or blocked`;
  const shown = tokensPerTurn.slice(-TURNS_SHOWN);
  const turns = shown
    .map((one) => `${one.turn}: ${number(one.promptTokens)}+${number(one.completionTokens)}${ofCache(one)}`)
    .join(' · ');
  const earlier = shown.length < tokensPerTurn.length ? '… · ' : '';
  return [
    `${tokenWords(spent, number)} tokens in ${turnCount(turn)}`,
    ...budgetLines(budget),
    ...(shown.length === 0 ? [] : prose(session, `by turn ${earlier}${turns}`)),
    ...prose(session, brokenPrefixes(shown)),
    `started ${moment(startedAt)}${waited}`,
  ];
}

function ofCache({ cachedTokens = 0 }: TurnTokens): string {
  return cachedTokens === 0 ? '' : ` (${number(cachedTokens)} cached)`;
}

/** Sections that stay as they are from turn to turn, so that a provider's cache keeps them. */
const STABLE: readonly SectionName[] = ['instructions', 'tools', 'summary', 'window'];

/** Turns whose prompts a provider's cache kept little of, and why; empty where there were none. */
function brokenPrefixes(turns: readonly TurnTokens[]): string {
  const broken = turns.flatMap(({ turn, brokeAt }) =>
    brokeAt !== undefined && STABLE.includes(brokeAt) ? [`${brokeAt} in turn ${turn}`] : [],
  );
  return broken.length === 0 ? '' : `a provider's cache broke at the ${broken.join(', the ')}`;
}

/** `3 turns` */
export function turnCount(turn: number): string {
  return turn === 1 ? '1 turn' : `${turn} turns`;
}

/** `12,345` */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}
