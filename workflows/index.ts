/** The bundle's entry: every function exported here is a workflow type, and the default runs every other type name. */
export { memoryCare, memoryConsolidation, memoryDecay, memoryHealth, memoryReview } from './care/memory-care.ts';
export { memoryModelMove } from './care/memory-model-move.ts';
export { rememberedApprovals } from './remembered-approvals.ts';
export { agentTask as default } from './agent-task.ts';
export { steppedTool } from './stepped-tool.ts';
export { undoTask } from './undo-task.ts';
