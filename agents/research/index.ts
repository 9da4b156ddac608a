export { createResearchAgent } from './research-agent.ts';
export type { ResearchInput, ResearchOptions, ResearchResult } from './research-agent.ts';
