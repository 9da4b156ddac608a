export { createAssistantAgent } from './assistant-agent.ts';
export type { AssistantInput, AssistantOptions, AssistantResult } from './assistant-agent.ts';
