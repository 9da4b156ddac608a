import type { z } from 'zod';
import {
  createDiskSpaceTool,
  createDnsLookupTool,
  createHttpCheckTool,
  createListProcessesTool,
  createReadLogTailTool,
  createTcpConnectTool,
  createTlsCertificateTool,
  PRIVATE_NETWORKS,
} from '../../tools/builtin/index.ts';
import type { NetworkGrant } from '../../tools/builtin/index.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { defineAgent, type Agent } from '../define-agent.ts';
import { createAdminTools, type AdministeredService } from './admin-tools.ts';
import { diagnosisSchema, goalOf, incidentSchema } from './incident.ts';
import { troubleshootingInstructions } from './instructions.ts';

/** What starts a search for a cause, and what it gives. */
export type TroubleshootingInput = z.input<typeof incidentSchema>;
export type TroubleshootingResult = z.output<typeof diagnosisSchema>;

export interface TroubleshootingOptions {
  /** The only folder whose files the agent can read. */
  readonly logRoot: string;
  /** The services that it may change, after approval, by name. Default: none, it only looks and advises. */
  readonly services?: Readonly<Record<string, AdministeredService>>;
  /** The machines that it may look at. Default: any host and port, private networks too, link-local addresses not. */
  readonly network?: NetworkGrant;
}

const ANYWHERE: NetworkGrant = { hosts: ['*:*'], privateNetworks: PRIVATE_NETWORKS };

/**
 * The agent that finds out why a service is unhealthy and gets it healthy again.
 * @throws TypeError when an admin URL is none
 */
export function createTroubleshootingAgent({
  logRoot,
  services = {},
  network = ANYWHERE,
}: TroubleshootingOptions): Agent<TroubleshootingInput, TroubleshootingResult> {
  return defineAgent({
    name: 'troubleshooting',
    description: 'Finds out why a service is unhealthy, proposes a fix, and verifies it once it is approved.',
    instructions: troubleshootingInstructions,
    input: incidentSchema,
    output: diagnosisSchema,
    goal: goalOf,
    subject: ({ service }) => service,
    plan: () => [
      { id: 'symptom', title: 'See the symptom' },
      { id: 'cause', title: 'Find the cause' },
      { id: 'fix', title: 'Apply an approved fix' },
      { id: 'verify', title: 'Verify that the service is healthy' },
    ],
    tools: [...lookingTools(logRoot, network), ...createAdminTools({ services })],
  });
}

/** Tools that look at machines and networks and change nothing. */
function lookingTools(logRoot: string, network: NetworkGrant): Tool[] {
  return [
    createHttpCheckTool(network),
    createDnsLookupTool(network),
    createTcpConnectTool(network),
    createTlsCertificateTool(network),
    createDiskSpaceTool(),
    createReadLogTailTool({ root: logRoot }),
    createListProcessesTool(),
  ];
}
