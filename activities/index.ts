import type { Stages } from '../contracts/stages.ts';
import type { StepStages } from '../contracts/stepped-tool.ts';
import type { UndoStages } from '../contracts/undo.ts';
import { recallDecisions, rememberDecision } from './approval-register.ts';
import { createAssembleContext } from './assemble-context.ts';
import { createAwaitMemory } from './await-memory.ts';
import { createCaptureInput } from './capture-input.ts';
import { createCritique } from './critique.ts';
import type { StageDependencies } from './dependencies.ts';
import { createDescribeAgent, createRefreshAgent } from './describe-agent.ts';
import { createExecuteToolStep } from './execute-tool-step.ts';
import { createEvaluate } from './evaluate.ts';
import { createExecuteTool } from './execute-tool.ts';
import { createExtractMemories } from './extract-memories.ts';
import { createInferNextAction } from './infer-next-action.ts';
import { createBriefings } from './joined/briefings.ts';
import { createNotify } from './notify.ts';
import { createPlan } from './plan.ts';
import { createProjectTask } from './project-task.ts';
import { createRecordObservation } from './record-observation.ts';
import { requestCancellation } from './request-cancellation.ts';
import { createSummarizeTranscript } from './summarize-transcript.ts';
import { createFindUndoable } from './undo/find-undoable.ts';
import { createUndoCall } from './undo/undo-call.ts';
import { createUpdateMemory } from './update-memory.ts';

export { toolRoom } from './agent/tool-room.ts';
export type { ToolRoom } from './agent/tool-room.ts';
export type { SecretSource } from './acting/secret-references.ts';
export { createCareActivities } from './care/memory-care.ts';
export { createModelMoveActivities } from './care/model-move.ts';
export type { StageDependencies, TaskHistory } from './dependencies.ts';
export { createTaskHistory } from './history/task-history.ts';

/** The stages of the loop as Temporal activities, over what the worker has built. */
export function createActivities(dependencies: StageDependencies): Stages & StepStages & UndoStages {
  const recordObservation = createRecordObservation(dependencies);
  const joined = { briefings: createBriefings(dependencies.briefings), recordObservation };
  return {
    describeAgent: createDescribeAgent(dependencies),
    refreshAgent: createRefreshAgent(dependencies),
    captureInput: createCaptureInput(dependencies),
    assembleContext: createAssembleContext(dependencies),
    inferNextAction: createInferNextAction(dependencies, joined),
    executeTool: createExecuteTool(dependencies),
    executeToolStep: createExecuteToolStep(dependencies),
    findUndoable: createFindUndoable(dependencies),
    undoCall: createUndoCall(dependencies),
    recordObservation,
    extractMemories: createExtractMemories(dependencies),
    updateMemory: createUpdateMemory(dependencies),
    summarizeTranscript: createSummarizeTranscript(dependencies),
    plan: createPlan(dependencies),
    critique: createCritique(dependencies),
    evaluate: createEvaluate(dependencies),
    projectTask: createProjectTask(dependencies),
    awaitMemory: createAwaitMemory(dependencies),
    notify: createNotify(dependencies),
    recallDecisions,
    rememberDecision,
    requestCancellation,
  };
}
