import {
  continueAsNew,
  defineSignal,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { StepProgress, SteppedToolInput, SteppedToolResult, StepStages } from '../contracts/stepped-tool.ts';
import { keepOrder, until } from './run/order.ts';
import { summaryOf } from './shown/summary.ts';

/** The task holds its long work while it is paused or blocked, and lets it go on. */
export const holdSignal = defineSignal<[{ readonly held: boolean }]>('hold');

/**
 * One call of a tool that works in steps: a child workflow of its task. Each step goes on from the cursor of the last,
 * so that a worker that dies costs one step, and a long history goes on in a new run.
 */
export async function steppedTool(input: SteppedToolInput): Promise<SteppedToolResult> {
  const { call, stepsPerRun } = input;
  let { cursor, progress, held = false, steps } = input;
  let stepsInRun = 0;
  const told: boolean[] = [];
  setHandler(holdSignal, (message) => void told.push(message.held));
  const show = (): void => setCurrentDetails(detailsOf({ tool: call.name, steps, held, progress }));
  show();
  void keepOrder(() => {
    for (held of told.splice(0)) show();
  });
  for (;;) {
    await until(() => !held);
    const stage = stageOf(input, steps + 1);
    const step = await stage.executeToolStep(cursor === undefined ? call : { ...call, cursor });
    if (step.kind === 'refused') return step;
    ({ cursor, progress } = step);
    steps += 1;
    stepsInRun += 1;
    show();
    if (step.done) return { kind: 'done', cursor };
    if (stepsInRun < stepsPerRun && !workflowInfo().continueAsNewSuggested) continue;
    await continueAsNew<typeof steppedTool>({ ...input, cursor, progress, held, steps });
  }
}

function stageOf({ call, timeoutMs, heartbeatMs, attempts }: SteppedToolInput, step: number): StepStages {
  return proxyActivities<StepStages>({
    startToCloseTimeout: timeoutMs,
    heartbeatTimeout: heartbeatMs,
    retry: { initialInterval: 250, maximumInterval: '30 seconds', backoffCoefficient: 2, maximumAttempts: attempts },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    summary: summaryOf(`${call.name}: step ${step}`),
  });
}

/** The work as Markdown for the Temporal UI. */
function detailsOf(work: {
  readonly tool: string;
  readonly steps: number;
  readonly held: boolean;
  readonly progress: StepProgress | undefined;
}): string {
  const { tool, steps, held, progress } = work;
  const share =
    progress?.done === undefined ? '' : `${progress.done}${progress.of === undefined ? '' : ` of ${progress.of}`}`;
  return [
    `### ${tool}${held ? ': held, because its task is' : ''}`,
    share === '' ? '' : `**Done:** ${share}`,
    progress === undefined ? 'Not begun.' : progress.note,
    `**Steps:** ${steps}`,
  ]
    .filter((line) => line !== '')
    .join('\n\n');
}
