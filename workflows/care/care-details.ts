import type { CareName, CareReport, CareState } from '../../contracts/memory-care.ts';

const TITLES: Readonly<Record<CareName, string>> = {
  decay: 'Letting memories fade',
  review: 'Reviewing contradictions',
  consolidation: 'Consolidating episodes',
  health: 'Looking after the index',
};

/** One care as Markdown for the Temporal UI. */
export function careDetails(
  care: CareName,
  { tenant, seen, counts, notes }: Pick<CareState, 'tenant' | 'seen' | 'counts' | 'notes'>,
): string {
  const counted = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `- ${name}: ${count}`);
  const noted = notes.map(({ id, reason }) => `- \`${id}\`: ${reason}`);
  const sections = [
    `### ${TITLES[care]}`,
    `Tenant \`${tenant}\`, ${seen} memories looked at.`,
    counted.length === 0 ? 'Nothing had to be done.' : counted.join('\n'),
    noted.length === 0 ? '' : `**First changes**\n${noted.join('\n')}`,
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

/** All of a tenant's care so far. */
export function allDetails(tenant: string, reports: readonly CareReport[], running: CareName | undefined): string {
  const done = reports.map((report) => careDetails(report.care, report));
  const now = running === undefined ? [] : [`### ${TITLES[running]} …`];
  return [`Care of the memories of tenant \`${tenant}\``, ...done, ...now].join('\n\n');
}
