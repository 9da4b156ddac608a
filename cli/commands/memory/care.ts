import { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { Option } from 'commander';
import { createCareHandle } from '../../../client/index.ts';
import type { CareHandle, CareSchedule } from '../../../client/index.ts';
import { DEFAULT_TENANT } from '../../../contracts/ids.ts';
import { careNames } from '../../../contracts/memory-care.ts';
import type { CareName, CareReport } from '../../../contracts/memory-care.ts';
import type { Memory } from '../../../contracts/memory.ts';
import { UsageError } from '../../command-error.ts';
import { connectTemporal } from '../../reaching/connect-temporal.ts';
import { examples } from '../../help.ts';
import { withMemories } from '../../memory/open-memories.ts';
import { openSession } from '../../session.ts';
import type { Session } from '../../session.ts';
import { findSurroundings } from '../../reaching/surroundings.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { ago, moment } from '../../terminal/times.ts';
import type { AddCommand } from '../add-command.ts';

interface ScheduleFlags {
  readonly cron?: string;
  readonly pause?: string;
  readonly resume?: boolean;
  readonly remove?: boolean;
}

/** `waymark memory care` */
export const addMemoryCare: AddCommand = (memory, terminal) => {
  const care = memory
    .command('care')
    .summary('let memories fade, review, consolidate and index them')
    .description(
      'Care for the memories of a tenant: what faded is closed and later deleted, contradictions are settled or listed ' +
        'for a person, old episodes are distilled, and the index is looked after.',
    )
    .usage('run|schedule|status [options]')
    .addHelpText('after', examples('waymark memory care status', 'waymark memory care run --only health'));
  addRun(care, terminal);
  addSchedule(care, terminal);
  addStatus(care, terminal);
};

function addRun(care: Command, terminal: Terminal): void {
  care
    .command('run')
    .summary('care now')
    .description('Care for the memories of a tenant now, and tell what was done.')
    .addOption(new Option('--only <care...>', 'only these').choices(careNames))
    .addHelpText('after', examples('waymark memory care run --only decay health'))
    .action(async ({ only }: { readonly only?: readonly CareName[] }, command) => {
      const session = openSession(terminal, command);
      await withCare(session, (handle) => handle.run(only === undefined ? {} : { only }));
      await tellStatus(session);
    });
}

function addSchedule(care: Command, terminal: Terminal): void {
  care
    .command('schedule')
    .summary('when it is done by itself')
    .description(
      'Create the schedule of a tenant, or change it. A worker creates that of the tenants it is configured for.',
    )
    .option('--cron <expression>', 'when, by UTC (default: 0 3 * * *)')
    .option('--pause <reason>', 'do nothing until it is resumed')
    .option('--resume', 'go on')
    .option('--remove', 'never again')
    .addHelpText('after', examples("waymark memory care schedule --cron '30 4 * * 1'"))
    .action(async (flags: ScheduleFlags, command) => {
      const session = openSession(terminal, command);
      const chosen = [flags.cron, flags.pause, flags.resume, flags.remove].filter(Boolean).length;
      if (chosen > 1) throw new UsageError('Give one of --cron, --pause, --resume and --remove.');
      await withCare(session, async (handle) => {
        await change(handle, flags, session);
        const schedule = await handle.scheduled();
        session.answer(schedule ?? null, () => [scheduleLine(schedule, session)]);
      });
    });
}

function addStatus(care: Command, terminal: Terminal): void {
  care
    .command('status')
    .summary('when it runs, what it did last, and what a person has to decide')
    .description(
      'Tell when the memories of a tenant are cared for, what that did last, and what a person has to decide.',
    )
    .addHelpText('after', examples('waymark memory care status', 'waymark memory care status --tenant acme'))
    .action(async (_flags: unknown, command) => tellStatus(openSession(terminal, command)));
}

async function change(
  handle: CareHandle,
  { cron, pause, resume, remove }: ScheduleFlags,
  { actor }: Session,
): Promise<void> {
  if (pause !== undefined) await handle.pause(actor, pause);
  else if (resume) await handle.resume(actor);
  else if (remove) await handle.remove();
  else await handle.schedule(cron === undefined ? {} : { cron });
}

async function tellStatus(session: Session): Promise<void> {
  const schedule = await withCare(session, (handle) => handle.scheduled());
  const { reports, disagreements } = await withMemories(session, {}, async ({ tenant, care }) => ({
    reports: await care.reports(tenant),
    disagreements: await care.disagreements(tenant),
  }));
  session.answer({ schedule: schedule ?? null, reports, disagreements }, () => [
    scheduleLine(schedule, session),
    ...reports.flatMap((report) => reportLines(report, session)),
    ...(reports.length === 0 ? ['Nothing was done yet.'] : []),
    ...disagreementLines(disagreements, session),
  ]);
}

async function withCare<Result>(session: Session, work: (handle: CareHandle) => Promise<Result>): Promise<Result> {
  const { config, temporal } = await findSurroundings(session.env);
  const { address } = temporal.connection;
  const connection = await connectTemporal(temporal.connection);
  try {
    const client = new Client({ connection, namespace: temporal.namespace });
    const tenant = session.tenant ?? DEFAULT_TENANT;
    return await work(createCareHandle({ temporal: client, address, tenant, taskQueue: config.taskQueue }));
  } finally {
    await connection.close();
  }
}

function scheduleLine(schedule: CareSchedule | undefined, { tenant = DEFAULT_TENANT, paint }: Session): string {
  if (!schedule) return `Tenant "${tenant}" has no schedule of care; \`waymark memory care schedule\` creates it.`;
  const { cron, paused, note, next } = schedule;
  if (paused) return `Care of tenant "${tenant}": ${paint.bad('paused')}${note === undefined ? '' : `, ${note}`}.`;
  return `Care of tenant "${tenant}": ${cron} (UTC)${next === undefined ? '' : `, next ${moment(next)}`}.`;
}

function reportLines({ care, endedAt, seen, counts, notes }: CareReport, { paint }: Session): string[] {
  const done = Object.entries(counts).filter(([, count]) => count > 0);
  const told =
    done.length === 0 ? 'nothing had to be done' : done.map(([name, count]) => `${count} ${name}`).join(', ');
  return [
    `${paint.strong(care.padEnd(13))} ${ago(endedAt)}, ${seen} memories: ${told}`,
    ...notes.map(({ id, reason }) => `  ${paint.quiet(id)}  ${reason}`),
  ];
}

function disagreementLines(disagreements: readonly Memory[], { paint }: Session): string[] {
  if (disagreements.length === 0) return [];
  return [
    paint.strong(`${disagreements.length} disagreements for a person to decide`),
    ...disagreements.map(({ id, text }) => `  ${paint.quiet(id)}  ${text}`),
    '  Forget what is wrong (`waymark memory forget ID`); the disagreement then closes by itself.',
  ];
}
