export { httpEvaluator } from './evaluator.ts';
export type { Evaluator } from './evaluator.ts';
export { defineAgent } from './define-agent.ts';
export type { Agent, AgentDefinition, Checked, TaskOpening } from './define-agent.ts';
