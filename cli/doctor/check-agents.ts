import type { Config } from '../../worker/index.ts';
import { loadAgents } from '../../worker/agent-registry.ts';
import type { Check } from './check.ts';
import { missing, ok, reasonOf, warning } from './check.ts';

const PART = 'Agents';

/** The agents that are configured here. */
export async function checkAgents(config: Config): Promise<Check> {
  try {
    const agents = await loadAgents(config);
    if (agents.length > 0) return ok(PART, agents.map(({ name }) => name).join(', '));
    return warning(PART, 'none is configured', 'waymark agents says how to add one');
  } catch (error) {
    return missing(PART, reasonOf(error), 'check WAYMARK_AGENTS');
  }
}
