export { defineAgent } from './define-agent.ts';
export type { Agent, AgentDefinition, Checked, TaskOpening } from './define-agent.ts';
