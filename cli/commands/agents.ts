import { loadAgents } from '../../worker/agent-registry.ts';
import { readConfig } from '../../worker/config.ts';
import { examples } from '../help.ts';
import { openSession } from '../session.ts';
import { readStack } from '../../local/index.ts';
import { withStackFacts } from '../reaching/surroundings.ts';
import { wrapText } from '../terminal/plain-text.ts';
import type { AddCommand } from './add-command.ts';

const HOW_TO_ADD =
  'An agent is there when its part is configured: CUSTOMER_SERVICE_URL for onboarding, WAYMARK_LOG_ROOT for ' +
  'troubleshooting, WAYMARK_ASSISTANT=on for the assistant, WAYMARK_AGENTS=path/to/module.ts for your own. `waymark up` sets the first two to example services.';

/** `waymark agents` */
export const addAgents: AddCommand = (program, terminal) => {
  program
    .command('agents')
    .summary('list the agents that are configured here')
    .description('List the agents that are configured here, with what they do and the tools they have.')
    .addHelpText('after', examples('waymark agents', 'WAYMARK_AGENTS=my-agents.ts waymark agents --json'))
    .action(async (_options: unknown, command) => {
      const session = openSession(terminal, command);
      const { env, paint, width } = session;
      const stack = await readStack(readConfig(env).dataDir);
      const agents = await loadAgents(readConfig(withStackFacts(env, stack)));
      const value = agents.map(({ name, description, tools }) => ({
        name,
        description,
        tools: tools.map((tool) => tool.description.name),
      }));
      session.answer(value, () => {
        if (value.length === 0) return wrapText(`No agent is configured. ${HOW_TO_ADD}`, width);
        return value.flatMap(({ name, description, tools }) => [
          paint.strong(name),
          ...wrapText(description, width - 2).map((line) => `  ${line}`),
          ...wrapText(`tools: ${tools.length === 0 ? 'none of its own' : tools.join(', ')}`, width - 2).map(
            (line) => `  ${paint.quiet(line)}`,
          ),
        ]);
      });
    });
};
