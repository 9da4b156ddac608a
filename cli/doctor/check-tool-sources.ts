import { loadAgents } from '../../worker/agent-registry.ts';
import type { Config } from '../../worker/index.ts';
import { listTools, roomWords } from '../pages/tool-list.ts';
import type { ListedSource, ToolList } from '../pages/tool-list.ts';
import type { Check } from './check.ts';
import { missing, ok, reasonOf, warning } from './check.ts';

/** Each MCP server of each agent: whether it answers, and has tools that may be called; tools that no model server takes, or that do not fit. */
export async function checkToolSources(config: Config): Promise<Check[]> {
  const agents = await loadAgents(config).catch(() => []);
  const lists = await Promise.all(agents.map((agent) => listTools(agent, config)));
  return lists.flatMap((list) => [
    ...list.sources.map((source) => checkOf(list.agent, source)),
    ...leftOutOf(list),
    ...crowdedOf(list),
  ]);
}

function leftOutOf({ agent, leftOut }: ToolList): Check[] {
  const mend = `correct its schema or its name where it is defined, or take it out of agent "${agent}"`;
  return leftOut.map(({ name, why }) => warning('Tools', `${name} is left out. ${why.replace(/\.$/, '')}`, mend));
}

function crowdedOf(list: ToolList): Check[] {
  if (list.room.left.length === 0) return [];
  const { says, mend } = roomWords(list);
  return [warning('Tools', `${list.agent}: ${says}`, mend)];
}

function checkOf(agent: string, { name, address, tools, leftOut, problem, remedy }: ListedSource): Check {
  const part = `MCP ${name}`;
  if (problem !== undefined) {
    const mend = (remedy ?? 'Start it, or mend its address.').replace(/\.$/, '');
    return missing(part, reasonOf(problem), `${mend}; agent "${agent}" waits for it`);
  }
  if (tools.length === 0) {
    return warning(part, `${address} has none of the tools that are allowed`, `correct \`tools\` in agent "${agent}"`);
  }
  const offered = `${address}, for ${agent}: ${tools.map((tool) => tool.name).join(', ')}`;
  if (leftOut.length === 0) return ok(part, offered);
  const left = leftOut.map((tool) => `${tool.name} (${tool.why.replace(/\.$/, '')})`).join(', ');
  return warning(part, `${offered}; left out: ${left}`, `mend them in the server, or take them out of \`tools\``);
}
