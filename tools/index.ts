export { createClaimLedger } from './claims.ts';
export type { Claim, ClaimLedger, ClaimRequest, RedisGuard } from './claims.ts';
export { controlProblem, controlToolSpecs } from './control-tools.ts';
export { defineTool, parseArguments } from './define-tool.ts';
export type { BoundCall, Tool, ToolContext, ToolDefinition } from './define-tool.ts';
export { createMemoryTools } from './memory-tools.ts';
export { refuse, ToolRefusal } from './refusal.ts';
