import type { Occasion } from '../../contracts/judgement.ts';
import type { Judged, JudgeInput } from '../../contracts/stages.ts';
import { askPerson } from './ask-person.ts';
import { hasNews } from '../rules/decisions.ts';
import { occasionOf } from '../rules/occasions.ts';
import { overContext } from './over-context.ts';
import type { TaskRun } from '../run/task-run.ts';
import { persist } from '../run/attempt.ts';
import { nextRound } from '../run/task-run.ts';
import { finished, stopped } from '../transitions/endings.ts';
import { judged, sentBack } from '../transitions/judgements.ts';
import { noted } from '../transitions/transition.ts';

/** Who judges: the agent's own critique, or an evaluator by name. */
type Judge = { readonly kind: 'critique' } | { readonly kind: 'evaluation'; readonly name: string };

/**
 * Has the work judged where the policy says so. The first that does not let it pass decides: a finish goes back with
 * its reasons, a person is asked, or the task is stopped. A finish that all let pass ends the task.
 */
export async function review(run: TaskRun): Promise<void> {
  const { cell } = run;
  if (cell.state.ending !== undefined || cell.state.calls.length === 0) return;
  for (const { judge, occasion } of judgesOf(run)) {
    const { verdict } = await judgeBy(run, judge, occasion);
    if (verdict === 'continue') continue;
    if (verdict === 'stop') return cell.apply(stopped, judgeName(judge));
    cell.apply(sentBack, judge.kind);
    if (verdict === 'ask')
      await askPerson(
        run,
        `${judgeName(judge)} wants a person to look at turn ${cell.state.turn}. How shall the task go on?`,
      );
    return;
  }
  const { handedIn } = cell.state;
  if (handedIn === undefined) return;
  if (!hasNews(cell.state)) return cell.apply(finished, handedIn);
  cell.apply(sentBack, undefined);
  cell.apply(noted, 'Not finished: a message has come meanwhile. Look at it first.');
}

/** Will a finish be looked at before the task ends? */
export function reviewsFinish(run: TaskRun): boolean {
  return judgesOf(run, true).length > 0;
}

function judgesOf({ cell }: TaskRun, finishing = false): { readonly judge: Judge; readonly occasion: Occasion }[] {
  const { state, description } = cell;
  const { critique, evaluation } = description.policy;
  const end = {
    turn: state.turn,
    handedIn: finishing || state.handedIn !== undefined,
    failed: state.calls.some(({ phase }) => phase.kind === 'settled' && phase.ok === false),
  };
  const byCritique = occasionOf(critique, { ...end, sentBack: state.sentBack.critique });
  const byEvaluators = occasionOf(evaluation, { ...end, sentBack: state.sentBack.evaluation });
  return [
    ...(byCritique === undefined ? [] : [{ judge: { kind: 'critique' as const }, occasion: byCritique }]),
    ...(byEvaluators === undefined
      ? []
      : description.evaluators.map((name) => ({
          judge: { kind: 'evaluation' as const, name },
          occasion: byEvaluators,
        }))),
  ];
}

function judgeName(judge: Judge): string {
  return judge.kind === 'critique' ? 'The critique' : `Evaluator ${judge.name}`;
}

async function judgeBy(
  run: TaskRun,
  judge: Judge,
  occasion: Occasion,
): Promise<NonNullable<Judged['entry']['verdict']>> {
  const { cell } = run;
  const label = `turn ${cell.state.turn}: ${judge.kind === 'critique' ? 'critique' : `evaluate by ${judge.name}`}`;
  const result = await (judge.kind === 'critique'
    ? overContext(
        run,
        { stage: 'critique', contextId: `t${cell.state.turn}.critique`, capture: false },
        async ({ contextId }) => ({
          result: await run.stage('critique', label).critique({
            ...inputOf(run, occasion),
            contextId,
            instructions: cell.description.policy.critique.instructions,
            round: nextRound(run),
          }),
        }),
      )
    : persist(run, 'evaluate', () =>
        run.stage('evaluate', label).evaluate({
          ...inputOf(run, occasion),
          evaluator: judge.name,
          round: nextRound(run),
        }),
      ));
  cell.apply(judged, result);
  return result.entry.verdict;
}

function inputOf({ cell }: TaskRun, occasion: Occasion): Omit<JudgeInput, 'round'> {
  const { task, agent, turn, nextSeq, windowFrom, plan, calls } = cell.state;
  const finish = calls.find(({ id }) => id === cell.state.handedInBy);
  return {
    task,
    agent,
    turn,
    seq: nextSeq,
    occasion,
    range: { from: windowFrom, to: nextSeq - 1 },
    plan: plan.map(({ id, status }) => ({ id, status })),
    ...(finish === undefined ? {} : { finish: { assistantSeq: finish.assistantSeq, callId: finish.id } }),
  };
}
