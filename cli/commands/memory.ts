import { Option } from 'commander';
import { DEFAULT_TENANT } from '../../contracts/ids.ts';
import type { MemoryKind, RecalledMemory, RecallQuery, ScopeRef } from '../../contracts/memory.ts';
import { memoryKinds } from '../../contracts/memory.ts';
import { ensureEmbeddingModel } from '../../local/index.ts';
import { openMemory } from '../../memory/index.ts';
import { openEmbeddingModel } from '../../worker/models.ts';
import { CommandError } from '../command-error.ts';
import { examples } from '../help.ts';
import { scopesInUse } from '../memory-scopes.ts';
import { wholeNumber } from '../options.ts';
import { wrapText } from '../plain-text.ts';
import { openSession } from '../session.ts';
import type { Session } from '../session.ts';
import { findSurroundings } from '../surroundings.ts';
import { readTaskId } from '../task-id.ts';
import { ago } from '../times.ts';
import type { AddCommand } from './index.ts';

interface SearchFlags {
  readonly subject?: string;
  readonly task?: string;
  readonly agent?: string;
  readonly kind?: readonly MemoryKind[];
  readonly limit: number;
  readonly all?: boolean;
}

/** More scopes than this make a query that is larger than what it searches. */
const MOST_SCOPES = 500;

/** `waymark memory search` */
export const addMemory: AddCommand = (program, terminal) => {
  const memory = program
    .command('memory')
    .summary('look into what tasks remember')
    .description('Look into what tasks remember.')
    .usage('search [options] <text>');
  memory.addHelpText('after', examples("waymark memory search 'which plan did the customer choose'"));
  memory
    .command('search')
    .summary('search memories by meaning and words')
    .description(
      'Search the memories of a tenant by meaning and by words, the best first. --subject, --task and --agent add up.',
    )
    .argument('<text>', 'a question or some words; empty for the newest memories')
    .option('--subject <id>', 'what is known about this subject')
    .option('--task <task>', 'what this task keeps for itself, such as progress markers')
    .option('--agent <name>', 'what this agent has learned')
    .addOption(new Option('--kind <kind...>', 'only these kinds').choices(memoryKinds))
    .option('--limit <number>', 'at most this many', wholeNumber, 8)
    .option('--all', 'also what is no longer true: superseded, expired, or of tasks that have ended')
    .addHelpText(
      'after',
      examples(
        "waymark memory search 'which plan did the customer choose' --subject crumb-and-co",
        "waymark memory search '' --task onboarding:acme --kind progress --all",
      ),
    )
    .action(async (text: string, flags: SearchFlags, command) => {
      const session = openSession(terminal, command);
      const found = await search(session, text, flags);
      session.answer(found.map(valueOf), () =>
        found.length === 0 ? emptyLines(flags) : found.flatMap((one) => linesOf(one, session)),
      );
    });
};

async function search(session: Session, text: string, flags: SearchFlags): Promise<RecalledMemory[]> {
  const { config, redisUrl } = await findSurroundings(session.env);
  const named = flags.task === undefined ? undefined : readTaskId(flags.task, session.tenant);
  const tenant = named?.tenant ?? session.tenant ?? DEFAULT_TENANT;
  const inUse = await scopesInUse(redisUrl, tenant);
  if (!inUse) return [];
  const scopes = scopesOf(flags, named?.taskId) ?? inUse;
  if (scopes.length === 0) return [];
  if (scopes.length > MOST_SCOPES) {
    throw new CommandError(
      `Tenant "${tenant}" has memories in ${scopes.length} scopes, too many to search at once. Name one with --subject, --task or --agent.`,
    );
  }
  const { dataDir } = config;
  const embedder = await openEmbeddingModel(config, () =>
    ensureEmbeddingModel({ dataDir, env: session.env, say: session.say }),
  );
  const memory = await openMemory({ redisUrl, embedder });
  try {
    return await memory.memories.recall(tenant, queryOf(text, flags, scopes));
  } finally {
    await memory.close();
  }
}

/** The scopes that were named; `undefined` where none was. */
function scopesOf({ subject, agent }: SearchFlags, taskId: string | undefined): ScopeRef[] | undefined {
  const scopes: ScopeRef[] = [];
  if (subject !== undefined) scopes.push({ scope: 'user', id: subject });
  if (taskId !== undefined) scopes.push({ scope: 'task', id: taskId });
  if (agent !== undefined) scopes.push({ scope: 'agent', id: agent });
  return scopes.length === 0 ? undefined : scopes;
}

function queryOf(text: string, { kind, limit, all }: SearchFlags, scopes: readonly ScopeRef[]): RecallQuery {
  return {
    text,
    scopes,
    limit,
    ...(kind === undefined ? {} : { kinds: kind }),
    ...(all === undefined ? {} : { includeClosed: all }),
  };
}

function valueOf({ memory, score, parts }: RecalledMemory): unknown {
  return { score, parts, ...memory };
}

function emptyLines({ all, kind, subject, task, agent }: SearchFlags): string[] {
  const narrowed = [kind, subject, task, agent].some((flag) => flag !== undefined);
  const wider = all ? '' : ' --all searches also what is no longer true.';
  return [narrowed ? `No memory fits.${wider}` : `There are no memories.${wider}`];
}

function linesOf({ memory, score }: RecalledMemory, { paint, width }: Session): string[] {
  const { kind, scope, text, createdAt, validTo, trust, provenance } = memory;
  const where = [
    `${scope.scope} ${scope.id}`,
    `said by a ${trust}`,
    provenance.taskId === undefined ? '' : `task ${provenance.taskId} turn ${provenance.turn ?? '?'}`,
    ago(createdAt),
    validTo === undefined ? '' : `no longer true since ${ago(validTo)}`,
  ].filter((part) => part !== '');
  return [
    `${paint.good(score.toFixed(2))}  ${paint.strong(kind)}`,
    ...wrapText(text, width - 6).map((line) => `      ${line}`),
    ...wrapText(where.join(' · '), width - 6).map((line) => `      ${paint.quiet(line)}`),
  ];
}
