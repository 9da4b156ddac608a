import type { Asked } from '../../contracts/requests.ts';
import { answerersOf } from '../../contracts/who-may-answer.ts';
import type { PlanItem, TaskStatus } from '../../contracts/task.ts';
import { MILLION } from '../../contracts/budget.ts';
import { tokenWords } from '../../contracts/usage.ts';
import { limitsOf } from '../rules/budgets.ts';
import type { TaskState } from '../state/task-state.ts';
import { statusOf } from '../state/status.ts';

const MARKS: Readonly<Record<PlanItem['status'], string>> = { open: '☐', active: '▶', done: '☑', skipped: '⊘' };
const LONGEST_LINE = 300;

/** The task as Markdown for the Temporal UI: status, what it waits for, plan, spending, last observation. */
export function renderDetails(state: TaskState): string {
  const status = statusOf(state);
  const sections = [
    `### ${headline(status)}`,
    ...waitLines(state, status),
    state.goal === '' ? '' : `**Goal:** ${line(state.goal)}`,
    planLines(state),
    state.lastObservation === undefined ? '' : `**Last observation:** ${line(state.lastObservation)}`,
    verdictLine(state),
    peopleLine(state),
    `**Spent:** ${tokenWords(state.spent)} tokens in ${state.turn} turns${budgetText(state)}`,
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function verdictLine({ lastVerdict }: TaskState): string {
  if (lastVerdict === undefined) return '';
  const { from, verdict, score } = lastVerdict;
  return `**Last judgement:** ${from}: ${verdict}${score === undefined ? '' : ` (${score})`}`;
}

/** How much of the budget that is, where the agent is known. */
function budgetText(state: TaskState): string {
  if (state.description === undefined) return '';
  const { tokens, turns, money } = limitsOf(state);
  const { money: spent } = state.spent;
  const bill = money === undefined ? (spent > 0 ? ` for ${spent}` : '') : ` for ${spent} of ${money / MILLION}`;
  return `${bill} *(budget: ${tokens} tokens, ${turns} turns)*`;
}

function headline(status: TaskStatus): string {
  if (status.kind !== 'waiting') return status.kind.charAt(0).toUpperCase() + status.kind.slice(1);
  return {
    question: 'Waiting for an answer',
    approval: 'Waiting for approval',
    timer: 'Waiting for a time',
    event: 'Waiting for an event',
    message: 'Waiting for a message',
  }[status.for];
}

function waitLines(state: TaskState, status: TaskStatus): string[] {
  switch (status.kind) {
    case 'paused':
      return [`**Paused** by ${status.pause.by.id} since ${status.pause.since}: ${line(status.pause.reason)}`];
    case 'blocked': {
      const { stage, cause, reason } = status.block;
      return [`**Blocked** at ${stage} (${cause}): ${line(reason)} Mend it, then resume the task.`];
    }
    case 'failed':
    case 'cancelled':
      return [`**Reason:** ${line(status.reason)}`, ...undoLines(state)];
    case 'waiting':
      return waitingLines(status);
    default:
      return [];
  }
}

/** What an ended task leaves behind is offered for undo. */
function undoLines({ undoable = 0, task }: TaskState): string[] {
  if (undoable === 0) return [];
  return [
    `**Can be undone:** ${undoable === 1 ? '1 call' : `${undoable} calls`}, with \`waymark undo ${task.taskId}\``,
  ];
}

function waitingLines(status: Extract<TaskStatus, { kind: 'waiting' }>): string[] {
  switch (status.for) {
    case 'timer':
      return [`**Until** ${status.until}: ${line(status.reason)}`];
    case 'message':
      return ['**A message**'];
    case 'event':
      return [`**Event** \`${status.event}\`${status.until === undefined ? '' : `, until ${status.until}`}`];
    case 'approval':
      return status.approvals.map(
        (approval) =>
          `**Approve \`${approval.tool}\`**${whom(approval)} (call \`${approval.callId}\`; ${approval.reason})${remarks(timesOf(approval))}\n\n` +
          `\`${line(approval.arguments).replaceAll('`', "'")}\``,
      );
    case 'question':
      return status.questions.map((question) => {
        const { choices, why } = question;
        const facts = [
          ...(choices === undefined ? [] : [`choices: ${choices.join(', ')}`]),
          ...(why === undefined ? [] : [`why: ${line(why)}`]),
          ...timesOf(question),
        ];
        return `**Question \`${question.id}\`**${whom(question)}: ${line(question.text)}${remarks(facts)}`;
      });
  }
}

function whom(request: Asked): string {
  if (request.for === undefined) return '';
  const answerers = answerersOf(request);
  return answerers === undefined ? ` for ${line(request.for)}` : ` for ${line(answerers.join(' or '))} alone`;
}

function timesOf({ deadline, escalation }: Asked): string[] {
  return [
    ...(deadline === undefined ? [] : [`until ${deadline}`]),
    ...(escalation === undefined ? [] : [`to ${line(escalation.to)} at ${escalation.at}`]),
  ];
}

function remarks(facts: readonly string[]): string {
  return facts.length === 0 ? '' : ` *(${facts.join('; ')})*`;
}

const MESSAGES_SHOWN = 3;

/** Who started it, and who did something to it last. */
function peopleLine({ startedBy, messages }: TaskState): string {
  const last = messages
    .slice(-MESSAGES_SHOWN)
    .map(({ name, by, at }) => `${name} by ${line(by.name ?? by.id)} at ${at}`);
  return `**People:** ${[`started by ${line(startedBy.name ?? startedBy.id)}`, ...last].join('; ')}`;
}

function planLines(state: TaskState): string {
  if (state.plan.length === 0) return '';
  const items = state.plan.map(
    ({ title, status, note, doneWhen }) => `- ${MARKS[status]} ${line(title)}${planRemark(note, doneWhen)}`,
  );
  return `**Plan**\n${items.join('\n')}`;
}

/** What was reached, or else what is to be. */
function planRemark(note: string | undefined, doneWhen: string | undefined): string {
  if (note !== undefined) return `: ${line(note)}`;
  return doneWhen === undefined ? '' : ` *(done when: ${line(doneWhen)})*`;
}

function line(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  return flat.length > LONGEST_LINE ? `${flat.slice(0, LONGEST_LINE)}…` : flat;
}
