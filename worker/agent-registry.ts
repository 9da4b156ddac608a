import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Agent } from '../agents/define-agent.ts';
import { createAssistantAgent } from '../agents/assistant/index.ts';
import {
  createFileJournal,
  createHttpStore,
  createJsonLinesStore,
  createMigrationAgent,
} from '../agents/migration/index.ts';
import { createOnboardingAgent } from '../agents/onboarding/index.ts';
import { createResearchAgent } from '../agents/research/index.ts';
import { createTroubleshootingAgent } from '../agents/troubleshooting/index.ts';
import { PRIVATE_NETWORKS } from '../tools/builtin/index.ts';
import type { Config, MigrationSetting } from './config.ts';
import { ConfigError } from './config.ts';

/** The agents of this installation: the built-in ones that are configured, and those of the user's modules. */
export async function loadAgents(config: Pick<Config, 'builtIn' | 'agentModules'>): Promise<Agent[]> {
  const own = await Promise.all(config.agentModules.map(loadModule));
  const agents = [...builtInAgents(config.builtIn), ...own.flat()];
  const names = agents.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigError(`Two agents are named "${twice}"; rename one of them.`);
  return agents;
}

function builtInAgents(builtIn: Config['builtIn']): Agent[] {
  const { customerServiceUrl, logRoot, services, hosts, documents, migration, assistant } = builtIn;
  const administered = Object.fromEntries(Object.entries(services).map(([name, adminUrl]) => [name, { adminUrl }]));
  const agents: Agent[] = [];
  if (customerServiceUrl !== undefined) agents.push(createOnboardingAgent({ customerServiceUrl }));
  if (logRoot !== undefined) {
    const network = hosts === undefined ? {} : { network: { hosts, privateNetworks: PRIVATE_NETWORKS } };
    agents.push(createTroubleshootingAgent({ logRoot, services: administered, ...network }));
  }
  if (documents !== undefined) agents.push(createResearchAgent({ folder: documents }));
  if (migration !== undefined) agents.push(migrationBetween(migration));
  if (assistant) agents.push(createAssistantAgent());
  return agents;
}

function migrationBetween({ source, target, journals, errorLimit }: MigrationSetting): Agent {
  // Other stores are another migration: it must not go on from this one's marker.
  const name = `migration-${createHash('sha256').update(`${source}\n${target}`).digest('hex').slice(0, 12)}`;
  const storeAt = (place: string) =>
    /^https?:/.test(place) ? createHttpStore({ url: place }) : createJsonLinesStore({ file: place });
  return createMigrationAgent({
    source: storeAt(source),
    target: storeAt(target),
    journal: createFileJournal({ file: join(journals, `${name}.jsonl`) }),
    name,
    errorLimit,
  });
}

/** A module exports its agents by any name, alone or in an array. */
async function loadModule(path: string): Promise<Agent[]> {
  const file = resolve(path);
  const loaded: unknown = await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw new ConfigError(`The agents in ${path} cannot be loaded: ${String(error)}. Check WAYMARK_AGENTS.`);
  });
  const exported = typeof loaded === 'object' && loaded !== null ? Object.values(loaded).flat() : [];
  const agents = exported.filter(isAgent);
  if (agents.length === 0) throw new ConfigError(`${path} exports no agent; export what defineAgent returns.`);
  return agents;
}

function isAgent(value: unknown): value is Agent {
  return typeof value === 'object' && value !== null && 'open' in value && 'checkOutput' in value && 'tools' in value;
}
