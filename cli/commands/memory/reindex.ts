import { Client } from '@temporalio/client';
import { createModelMoveHandle } from '../../../client/index.ts';
import type { ModelMoveHandle } from '../../../client/index.ts';
import { DEFAULT_TENANT } from '../../../contracts/ids.ts';
import type { ModelMoveState } from '../../../contracts/model-move.ts';
import { UsageError } from '../../command-error.ts';
import { connectTemporal } from '../../reaching/connect-temporal.ts';
import { examples } from '../../help.ts';
import { wholeNumber } from '../../input/options.ts';
import { openSession } from '../../session.ts';
import type { Session } from '../../session.ts';
import { findSurroundings } from '../../reaching/surroundings.ts';
import { moment } from '../../terminal/times.ts';
import type { AddCommand } from '../add-command.ts';

interface ReindexFlags {
  readonly to?: string;
  readonly keepDays?: number;
  readonly rollback?: boolean;
  readonly finish?: boolean;
  readonly retry?: boolean;
  readonly status?: boolean;
  readonly wait?: boolean;
}

/** `waymark memory reindex` */
export const addMemoryReindex: AddCommand = (memory, terminal) => {
  memory
    .command('reindex')
    .summary('move memories to another embedding model')
    .description(
      'Move the memories of a tenant to another embedding model while tasks go on. Name both models in ' +
        'WAYMARK_EMBEDDINGS of every worker first (`local,text-embedding-3-small`), then start the move. Without an ' +
        'option it tells how far the move is.',
    )
    .option('--to <model>', 'start moving to this model')
    .option(
      '--keep-days <days>',
      'with --to: keep the former vectors so long after the switch (default: 7)',
      wholeNumber,
    )
    .option('--rollback', 'go back to the former model')
    .option('--finish', 'drop the former vectors now')
    .option('--retry', 'try again at once what blocks the move')
    .option('--status', 'tell how far the move is')
    .option('--wait', 'return when the move has ended')
    .addHelpText(
      'after',
      examples('waymark memory reindex --to text-embedding-3-small', 'waymark memory reindex --rollback --wait'),
    )
    .action(async (flags: ReindexFlags, command) => {
      const session = openSession(terminal, command);
      const chosen = [flags.to, flags.rollback, flags.finish, flags.retry, flags.status].filter(Boolean).length;
      if (chosen > 1) throw new UsageError('Give one of --to, --rollback, --finish, --retry and --status.');
      if (flags.keepDays !== undefined && flags.to === undefined) throw new UsageError('--keep-days goes with --to.');
      await withMove(session, async (move) => {
        await carryOut(move, flags, session);
        if (flags.wait) await move.ended();
        const state = await move.state();
        session.answer(state ?? null, () => (state ? linesOf(state, session) : [noMove(session)]));
      });
    });
};

async function withMove(session: Session, work: (move: ModelMoveHandle) => Promise<void>): Promise<void> {
  const { config, temporal } = await findSurroundings(session.env);
  const { address } = temporal.connection;
  const connection = await connectTemporal(temporal.connection);
  try {
    const client = new Client({ connection, namespace: temporal.namespace });
    const tenant = session.tenant ?? DEFAULT_TENANT;
    await work(createModelMoveHandle({ temporal: client, address, tenant, taskQueue: config.taskQueue }));
  } finally {
    await connection.close();
  }
}

async function carryOut(move: ModelMoveHandle, flags: ReindexFlags, { actor: by }: Session): Promise<void> {
  const { to, keepDays } = flags;
  if (to !== undefined) await move.start({ to, by, ...(keepDays === undefined ? {} : { keepDays }) });
  if (flags.rollback) await move.rollBack(by);
  if (flags.finish) await move.finish(by);
  if (flags.retry) await move.retry(by);
}

function noMove({ tenant = DEFAULT_TENANT }: Session): string {
  return `The memories of tenant "${tenant}" were never moved to another model.`;
}

function linesOf(state: ModelMoveState, { paint }: Session): string[] {
  const { phase, to, spaces, memories, seen, pass, embedded, dropped, keepUntil, rolledBack, blocked } = state;
  const from = spaces === undefined ? '' : ` from ${spaces.former.model}`;
  const share = phase === 'fill' && memories > 0 ? `, looked at ${seen} of about ${memories}` : '';
  return [
    `${paint.strong(phase)}  tenant ${state.tenant}${from} to ${to}`,
    `  embedded ${embedded} memories in pass ${pass}${share}${dropped > 0 ? `; dropped the vectors of ${dropped}` : ''}`,
    ...(rolledBack === undefined ? [] : [`  rolled back by ${rolledBack.by.id}, ${moment(rolledBack.at)}`]),
    ...(phase === 'keep' && keepUntil !== undefined
      ? [`  the former vectors are kept until ${moment(keepUntil)}; --rollback goes back to them, --finish drops them`]
      : []),
    ...(blocked === undefined
      ? []
      : [paint.bad(`  blocked: ${blocked.reason}`), `  tried again ${moment(blocked.retryAt)}, or now with --retry`]),
  ];
}
