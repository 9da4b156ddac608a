import type { Agent } from '../../agents/define-agent.ts';
import type { StartedTask } from '../../client/index.ts';
import { readPolicy } from '../../client/index.ts';
import { loadAgents } from '../../worker/agent-registry.ts';
import { CommandError } from '../command-error.ts';
import { examples } from '../help.ts';
import { fillPlaceholders, readJson, setPaths } from '../input/json-input.ts';
import type { OpenTasks } from '../reaching/open-tasks.ts';
import { withTasks } from '../reaching/open-tasks.ts';
import { openSession } from '../session.ts';
import type { Session } from '../session.ts';
import type { FoundSurroundings } from '../reaching/surroundings.ts';
import { taskUrl } from '../reaching/task-url.ts';
import type { AddCommand } from './add-command.ts';

interface StartFlags {
  readonly input?: string;
  readonly key?: string;
  readonly set?: readonly string[];
  readonly policy?: string;
  readonly wait?: boolean;
}

/** `waymark start` */
export const addStart: AddCommand = (program, terminal) => {
  program
    .command('start')
    .summary('start a task of an agent')
    .description(
      'Start a task of an agent. The same key of an agent is the same task: started again while it runs or after it ' +
        'has completed, it is left alone; after it failed or was cancelled, it starts anew.',
    )
    .argument('<agent>', 'name of the agent; `waymark agents` lists them')
    .option('--input <file|json|->', 'the input: a file of JSON, JSON itself, or - for standard input')
    .option('--set <path=value>', 'set one field of the input; may be repeated', collect)
    .option('--key <key>', 'business key, e.g. a customer number (default: a random one)')
    .option('--policy <file|json>', 'loop policy over the agent\'s own, e.g. \'{"profile":"token-poor"}\'')
    .option('--wait', 'wait for the end and print the result; fails when the task does')
    .addHelpText(
      'after',
      examples(
        'waymark start onboarding --input examples/inputs/onboarding.json --key acme',
        'waymark start onboarding --input examples/inputs/onboarding.json --set size=40 --set contact.name=Ada --wait',
      ),
    )
    .action(async (agentName: string, flags: StartFlags, command) => {
      const session = openSession(terminal, command);
      await withTasks(session, {}, async (tasks) => {
        const agent = await findAgent(tasks.surroundings, agentName);
        const input = await readInput(session, tasks.surroundings, flags);
        const given = flags.policy;
        const policy =
          given === undefined
            ? undefined
            : readPolicy(await readJson(given, { what: 'policy', stdin: terminal.stdin }));
        const task = await tasks.waymark.start(agent, {
          input,
          ...(flags.key === undefined ? {} : { key: flags.key }),
          ...(policy === undefined ? {} : { policy }),
        });
        await (flags.wait ? answerResult(session, tasks, task) : answerStarted(session, tasks, task));
      });
    });
};

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** @throws CommandError naming the agents there are */
export async function findAgent({ config }: FoundSurroundings, name: string): Promise<Agent> {
  const agents = await loadAgents(config);
  const found = agents.find((agent) => agent.name === name);
  if (found) return found;
  const known = agents.map((agent) => agent.name).join(', ');
  throw new CommandError(
    known === ''
      ? `There is no agent "${name}": none is configured. \`waymark agents\` says how to add one.`
      : `There is no agent "${name}". There are: ${known}.`,
  );
}

async function readInput(
  session: Session,
  { facts }: FoundSurroundings,
  { input, set = [] }: StartFlags,
): Promise<unknown> {
  const { stdin } = session.terminal;
  const read = input === undefined ? {} : await readJson(input, { what: 'input', stdin });
  return setPaths(fillPlaceholders(read, facts), set);
}

async function answerStarted(session: Session, { surroundings }: OpenTasks, task: StartedTask<unknown>): Promise<void> {
  const { taskId, started } = task;
  const { uiUrl, namespace } = surroundings.temporal;
  const url = uiUrl === undefined ? undefined : taskUrl(uiUrl, namespace, taskId);
  const { paint } = session;
  session.answer({ taskId, started, uiUrl: url ?? null }, () => [
    started ? `Started ${paint.strong(taskId)}.` : `${paint.strong(taskId)} was there already; it is left alone.`,
    `  ${paint.command(`waymark watch ${taskId}`)}`,
    `  ${paint.command(`waymark show ${taskId}`)}`,
    ...(url === undefined ? [] : [`  ${url}`]),
  ]);
}

async function answerResult(session: Session, _tasks: OpenTasks, task: StartedTask<unknown>): Promise<void> {
  session.say(`${task.started ? 'Started' : 'Waiting for'} ${task.taskId} …`);
  const result = await task.result();
  session.answer(result, () => [JSON.stringify(result.result, undefined, 2)]);
}
