export { createTroubleshootingAgent } from './troubleshooting-agent.ts';
export type { TroubleshootingInput, TroubleshootingOptions, TroubleshootingResult } from './troubleshooting-agent.ts';
