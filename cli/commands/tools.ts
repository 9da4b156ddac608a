import { controlToolNames } from '../../contracts/control-calls.ts';
import { readStack } from '../../local/index.ts';
import { MEMORY_TOOL_NAMES } from '../../tools/index.ts';
import { loadAgents } from '../../worker/agent-registry.ts';
import { readConfig } from '../../worker/config.ts';
import { UsageError } from '../command-error.ts';
import { examples } from '../help.ts';
import { wrapText } from '../terminal/plain-text.ts';
import { openSession } from '../session.ts';
import type { Session } from '../session.ts';
import { withStackFacts } from '../reaching/surroundings.ts';
import { renderTable } from '../terminal/table.ts';
import type { Column } from '../terminal/table.ts';
import { approvalWords, hintWords, limitWords, listTools, roomWords } from '../pages/tool-list.ts';
import type { ListedTool, ToolList } from '../pages/tool-list.ts';
import type { AddCommand } from './add-command.ts';

/** `waymark tools` */
export const addTools: AddCommand = (program, terminal) => {
  program
    .command('tools')
    .summary('list the tools of an agent, with effect, approval, limits and grants')
    .description(
      'List the tools of the agents that are configured here: what each does to the world, when a person is asked, its ' +
        'bounds, where it comes from and what it may reach. MCP servers are started or called, asked, and left again.',
    )
    .argument('[agent]', 'only of this agent')
    .addHelpText(
      'after',
      examples(
        'waymark tools troubleshooting',
        'waymark tools --json | jq \'.[].tools[] | select(.effect == "once")\'',
      ),
    )
    .action(async (name: string | undefined, _options: unknown, command) => {
      const session = openSession(terminal, command);
      const { dataDir } = readConfig(session.env);
      const config = readConfig(withStackFacts(session.env, await readStack(dataDir)));
      const agents = await loadAgents(config);
      const asked = name === undefined ? agents : agents.filter((agent) => agent.name === name);
      if (name !== undefined && asked.length === 0) {
        const known = agents.map((agent) => agent.name).join(', ') || 'none is configured';
        throw new UsageError(`There is no agent "${name}". There are: ${known}.`);
      }
      const lists = await Promise.all(asked.map((agent) => listTools(agent, config)));
      session.answer(lists, () => linesOf(lists, session));
    });
};

function linesOf(lists: readonly ToolList[], session: Session): string[] {
  const { width, paint } = session;
  if (lists.length === 0) return wrapText('No agent is configured. `waymark agents` says how to add one.', width);
  const always = `Every agent also has ${MEMORY_TOOL_NAMES.join(', ')}, and decides with ${controlToolNames.join(', ')}.`;
  return [
    ...lists.flatMap((list) => [...listLines(list, session), '']),
    ...wrapText(always, width).map((line) => paint.quiet(line)),
  ];
}

function listLines(list: ToolList, session: Session): string[] {
  const { agent, tools, leftOut: own, sources } = list;
  const { paint, width } = session;
  const all = [...tools, ...sources.flatMap((source) => source.tools)];
  const silent = sources.flatMap(({ problem, remedy = '' }) => (problem === undefined ? [] : [`${problem} ${remedy}`]));
  const left = [
    ...own.map((tool) => `${tool.name} is left out. ${tool.why}`),
    ...sources.flatMap(({ name, leftOut }) =>
      leftOut.map((tool) => `${tool.name} of ${name} is left out. ${tool.why}`),
    ),
    ...(list.room.left.length === 0 ? [] : [crowdedWords(list)]),
  ];
  return [
    paint.strong(agent),
    ...(all.length === 0 ? ['no tools'] : renderTable(all, columnsOf(session), { width, paint })),
    ...silent.flatMap((problem) => wrapText(`✗ ${problem.trimEnd()}`, width).map((line) => paint.bad(line))),
    ...left.flatMap((problem) => wrapText(`! ${problem}`, width).map((line) => paint.warn(line))),
  ];
}

function crowdedWords(list: ToolList): string {
  const { says, mend } = roomWords(list);
  return `${says} To mend it, ${mend}.`;
}

function columnsOf({ paint }: Session): readonly Column<ListedTool>[] {
  const colour = { read: paint.quiet, idempotent: paint.warn, once: paint.bad };
  return [
    { head: 'tool', cell: ({ name }) => name },
    { head: 'effect', cell: ({ effect }) => effect, paint: (text, { effect }) => colour[effect](text) },
    { head: 'approval', cell: ({ approval }) => approvalWords(approval) },
    { head: 'limits', cell: limitWords },
    { head: 'from', cell: ({ from }) => from },
    { head: 'may reach', cell: reachWords, rest: true },
  ];
}

/** What it may reach, and beside what is set of it what its server claims. */
function reachWords(tool: ListedTool): string {
  const hints = hintWords(tool);
  return [...tool.grants, ...(hints === '' ? [] : [`its server says: ${hints}`])].join('; ');
}
