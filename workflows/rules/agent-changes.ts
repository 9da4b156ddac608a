import type { AgentChanges, AgentPrints } from '../../contracts/absence.ts';
import type { AgentDescription } from '../../contracts/agent.ts';

export function printsOf({ instructionsPrint = '', tools }: AgentDescription): AgentPrints {
  return {
    instructions: instructionsPrint,
    tools: Object.fromEntries(tools.map(({ name, print = '' }) => [name, print])),
  };
}

/** What is different now. What was never known has not changed. */
export function agentChanges(before: AgentPrints | undefined, after: AgentPrints): AgentChanges {
  if (before === undefined) return { instructions: false, came: [], went: [], changed: [] };
  const [old, present] = [Object.keys(before.tools), Object.keys(after.tools)];
  return {
    instructions: before.instructions !== after.instructions,
    came: present.filter((name) => !old.includes(name)),
    went: old.filter((name) => !present.includes(name)),
    changed: present.filter((name) => old.includes(name) && before.tools[name] !== after.tools[name]),
  };
}
