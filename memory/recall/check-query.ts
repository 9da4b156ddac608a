import type { RecallQuery } from '../../contracts/memory-query.ts';
import { checkAskedScope, checkId, checkJoinedId, checkKind, checkTime } from '../record/check-memory.ts';

const DEFAULT_LIMIT = 8;
const MOST_RESULTS = 1_000;
const MOST_ANGLES = 8;

/** Refuses a question that cannot be asked; gives the number of memories it wants. @throws RangeError */
export function checkQuery(query: RecallQuery, indexed: readonly string[]): number {
  const { scopes, kinds = [], shares, subject, reader, texts = [] } = query;
  const limit = shares ? shares.reduce((sum, { most }) => sum + most, 0) : (query.limit ?? DEFAULT_LIMIT);
  for (const scope of [...scopes, ...(reader?.scopes ?? [])]) checkAskedScope(scope);
  const shared = shares?.flatMap((share) => share.kinds) ?? [];
  for (const kind of [...kinds, ...shared, ...(reader?.kinds ?? [])]) checkKind(kind);
  if (subject !== undefined) checkId('subject', subject);
  if (reader) checkJoinedId('the name of the reader', reader.name);
  if (reader?.subject !== undefined) checkId('subject of the reader', reader.subject);
  checkTimes(query);
  checkFields(query, indexed);
  if (texts.length > MOST_ANGLES)
    throw new RangeError(`${texts.length} angles are asked, at most ${MOST_ANGLES} can be`);
  for (const { weight = 1 } of texts) {
    if (!(weight > 0 && Number.isFinite(weight)))
      throw new RangeError(`the weight ${weight} of an angle is not above 0`);
  }
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_RESULTS) return limit;
  const asked = shares ? 'what the shares are together,' : 'limit';
  throw new RangeError(`${asked} ${limit}${shares ? ',' : ''} is not a whole number from 1 to ${MOST_RESULTS}`);
}

function checkTimes({ asOf, knownAt, between = {} }: RecallQuery): void {
  checkTime('asOf', asOf);
  checkTime('knownAt', knownAt);
  checkTime('between.from', between.from);
  checkTime('between.to', between.to);
}

function checkFields({ where = {} }: RecallQuery, indexed: readonly string[]): void {
  for (const field of Object.keys(where)) {
    if (indexed.includes(field)) continue;
    const known = indexed.length === 0 ? 'none are' : `only ${indexed.join(', ')}`;
    throw new RangeError(`"${field}" is not an indexed field of data (${known}): name it in the store's \`indexed\``);
  }
}
