import type { AssembledContext } from '../../contracts/projection.ts';
import type {
  AssembleContextInput,
  InferNextActionInput,
  JoinedResults,
  JoinedStages,
  RecordedObservation,
  Stages,
} from '../../contracts/stages.ts';
import type { Assembled } from '../assemble-context.ts';
import { assemble, summaryOf } from '../assemble-context.ts';
import { attemptNumber } from '../attempt.ts';
import type { StageDependencies } from '../dependencies.ts';
import { afterwards } from '../transcript/project-entry.ts';
import type { Briefings } from './briefings.ts';

/** What the stages before the call of the model came to; the context is handed on in memory. */
export interface Joined {
  readonly results: JoinedResults;
  readonly context: AssembledContext;
  /** The context is being written to Redis, for people and for another attempt. */
  readonly written: Promise<void>;
}

type Input = InferNextActionInput & { readonly joined: JoinedStages };

export interface JoinedParts {
  readonly briefings: Briefings;
  readonly recordObservation: Stages['recordObservation'];
}

/** Runs the stages that are joined to a call of the model: the observation of the turn before, then the context. */
export async function runJoined(dependencies: StageDependencies, parts: JoinedParts, input: Input): Promise<Joined> {
  const { task, joined } = input;
  const [told, policy] = await Promise.all([
    parts.briefings.wordsOf(task, joined.task),
    parts.briefings.wordsOf(task, joined.policy),
  ]);
  const record = { ...told.record, ...joined.facts };
  const from = performance.now();
  const observed = await observe(parts, input, record);
  const between = performance.now();
  const { agent, turn, contextId } = input;
  const assembled = await contextOf(dependencies, input, {
    task,
    agent,
    turn,
    contextId,
    record,
    questions: told.questions,
    ...(told.leftOut === undefined ? {} : { leftOut: told.leftOut }),
    ...(told.offered === undefined ? {} : { offered: told.offered }),
    ...policy,
    ...joined.assembleContext,
  });
  const took = {
    ...(observed === undefined ? {} : { recordObservation: Math.round(between - from) }),
    assembleContext: Math.round(performance.now() - between),
  };
  return {
    results: {
      ...(observed === undefined ? {} : { recordObservation: observed }),
      assembleContext: assembled.summary,
      took,
    },
    context: assembled.context,
    written: afterwards(`context ${contextId} of ${task.taskId}`, () =>
      dependencies.contexts.save(task, assembled.context),
    ),
  };
}

async function observe(
  { recordObservation }: JoinedParts,
  { task, round, joined }: Input,
  record: AssembleContextInput['record'],
): Promise<RecordedObservation | undefined> {
  const { recordObservation: asked } = joined;
  return asked === undefined ? undefined : recordObservation({ ...asked, task, record, round });
}

/** A second attempt sends the prompt of the first, where that was written. */
async function contextOf(
  dependencies: StageDependencies,
  { task, contextId, round }: Input,
  assembling: AssembleContextInput,
): Promise<Assembled> {
  const before = attemptNumber() > 1 ? await dependencies.contexts.load(task, contextId) : undefined;
  if (before?.joined?.round === round) {
    const { windowFrom, offered } = before.joined;
    const summary = summaryOf(before, windowFrom === undefined ? {} : { windowFrom });
    return { context: before, summary: offered === undefined ? summary : { ...summary, offered } };
  }
  const { context, summary } = await assemble(dependencies, assembling);
  const { windowFrom, offered } = summary;
  const chosen = {
    ...(windowFrom === undefined ? {} : { windowFrom }),
    ...(offered === undefined ? {} : { offered }),
  };
  return { context: { ...context, joined: { round, ...chosen } }, summary };
}
