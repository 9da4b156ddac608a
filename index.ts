/** What one writes agents and tools with. */
export { defineAgent } from './agents/define-agent.ts';
export type { Agent, AgentDefinition, AgentMemory } from './agents/define-agent.ts';
export type { ToolEffect } from './contracts/agent.ts';
export type { ApprovalPolicy, ApprovalRule, Comparison, Condition } from './contracts/approval-policy.ts';
export type { ExtractionPolicy, MemoryGrant, MemoryPolicy, ReadGrant } from './contracts/memory-policy.ts';
export { tokenPrice } from './contracts/usage.ts';
export type { TokenCounts, TokenPrices } from './contracts/usage.ts';
export type { LoopPolicyOverride } from './contracts/policy.ts';
export { withAttachments } from './tools/attachments.ts';
export type { Attachment } from './tools/attachments.ts';
export { defineSteppedTool } from './tools/define-stepped-tool.ts';
export type { Step, SteppedToolDefinition } from './tools/define-stepped-tool.ts';
export { defineTool } from './tools/define-tool.ts';
export type { Tool, ToolContext, ToolDefinition } from './tools/define-tool.ts';
export { mcpServer } from './tools/mcp/index.ts';
export type {
  McpAnswer,
  McpArguments,
  McpClientCredentials,
  McpCommand,
  McpCompensation,
  McpProbe,
  McpServerDefinition,
  McpToken,
  McpToolSetting,
  McpUrl,
} from './tools/mcp/index.ts';
export type { Compensation, DoneCall } from './tools/compensation.ts';
export { DidNotAct } from './tools/did-not-act.ts';
export { refuse } from './tools/refusal.ts';
