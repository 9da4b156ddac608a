export { mcpServer } from './mcp-server.ts';
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
} from './mcp-definition.ts';
