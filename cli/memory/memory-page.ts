import type { ExportedMemory, Memory } from '../../contracts/memory.ts';
import { prose, section } from '../terminal/page.ts';
import { plainLine } from '../terminal/plain-text.ts';
import type { Session } from '../session.ts';
import { moment } from '../terminal/times.ts';
import { historyLines } from './history-lines.ts';

const LABEL = 12;

/** All there is about a memory. */
export function memoryPage(
  { memory, history, context }: ExportedMemory,
  { session, url }: { readonly session: Session; readonly url: string | undefined },
): string[] {
  const { paint } = session;
  const { data } = memory;
  return [
    `${paint.strong(memory.kind)}  ${memory.id}`,
    ...prose(session, memory.text).map((line) => `  ${line}`),
    ...section(session, 'Whose', table(whose(memory))),
    ...section(session, 'Valid', table(validity(memory))),
    ...section(session, 'Came from', table(origin(memory, url))),
    ...section(session, 'Kept as', table(keeping(memory))),
    ...section(session, 'Data', data === undefined ? [] : prose(session, JSON.stringify(data, undefined, 2))),
    ...section(session, 'Stood among', context === undefined ? [] : prose(session, context)),
    ...section(session, 'History', historyLines(history, session)),
  ];
}

type Rows = readonly (readonly [label: string, value: string | undefined])[];

function table(rows: Rows): string[] {
  return rows.flatMap(([label, value]) => (value === undefined ? [] : [`${label.padEnd(LABEL)} ${plainLine(value)}`]));
}

function whose({ tenant, scope, subject, owner, visibility, slot }: Memory): Rows {
  return [
    ['tenant', tenant],
    ['scope', `${scope.scope} ${scope.id}`],
    ['subject', subject],
    ['slot', slot],
    ['read by', visibility === 'private' ? `${owner} alone` : 'whoever may read the scope'],
    ['owner', visibility === 'private' ? undefined : owner],
  ];
}

function validity({ validFrom, validTo, createdAt, expiresAt, supersedes, supersededBy }: Memory): Rows {
  return [
    ['from', moment(validFrom)],
    ['to', validTo === undefined ? 'still holds' : moment(validTo)],
    ['written', moment(createdAt)],
    ['deleted on', expiresAt === undefined ? undefined : moment(expiresAt)],
    ['supersedes', supersedes],
    ['superseded by', supersededBy],
  ];
}

function origin({ trust, provenance: { taskId, turn, seq, tool } }: Memory, url: string | undefined): Rows {
  return [
    ['said by', `a ${trust}`],
    ['task', taskId],
    ['turn', turn === undefined ? undefined : String(turn)],
    ['entry', seq === undefined ? undefined : `${seq} of the transcript`],
    ['tool', tool],
    ['Temporal UI', url],
  ];
}

function keeping({ importance, confidence, embeddingModel, unembedded }: Memory): Rows {
  return [
    ['importance', String(importance)],
    ['confidence', String(confidence)],
    ['embedding', unembedded ? `none yet: found by its words only (${embeddingModel})` : embeddingModel],
  ];
}
