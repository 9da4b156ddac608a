export { mcpServer } from './mcp-server.ts';
export type { McpCommand, McpServerDefinition, McpToolSetting, McpUrl } from './mcp-definition.ts';
