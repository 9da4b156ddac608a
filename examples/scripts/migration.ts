import type { ScriptedCompletion, ScriptedRequest } from '../../models/scripted/index.ts';
import {
  asRecord,
  asRecords,
  isSettled,
  itemOf,
  lastCall,
  objectIn,
  plainly,
  plainResult,
  readConversation,
  type Conversation,
  type SeenCall,
} from './conversation.ts';
import { answerTo, call, turn, updatePlan } from './turn.ts';

/** Errors that are proposed to be allowed beyond those that have come. */
const MORE_ERRORS = 10;

/** What a model would do next for the migration agent: move, mend what stopped it with a person's yes, verify. */
export function migrationScript(request: ScriptedRequest): ScriptedCompletion {
  const seen = readConversation(request);
  return inspectTurn(seen) ?? moveTurn(seen) ?? verifyTurn(seen);
}

function inspectTurn(seen: Conversation): ScriptedCompletion | undefined {
  if (isSettled(seen, 'inspect')) return undefined;
  const looked = lastCall(seen, 'inspect_migration');
  if (!looked) {
    const text = 'First I look at what is to be moved, and whether some of it has been moved before.';
    return turn(text, updatePlan({ id: 'inspect', status: 'active' }), call('inspect_migration', {}));
  }
  const found = objectIn(looked.result);
  if (found.batchSize === undefined) return giveUp(seen, `The stores cannot be read: ${plainResult(looked.result)}`);
  const note = `batches of ${Number(found.batchSize)}; ${Number(found.read)} items read before`;
  const changes = updatePlan({ id: 'inspect', status: 'done', note }, { id: 'move', status: 'active' });
  return turn('It looks as it should. I begin to move.', changes, call('move_records', {}));
}

function moveTurn(seen: Conversation): ScriptedCompletion | undefined {
  if (isSettled(seen, 'move')) return undefined;
  const moved = lastCall(seen, 'move_records');
  const changed = [lastCall(seen, 'roll_back_batch'), lastCall(seen, 'allow_errors')]
    .filter((done) => done !== undefined)
    .toSorted((one, other) => other.place - one.place)[0];
  if (!moved) return turn('I move on from where the migration stands.', call('move_records', {}));
  if (changed && changed.place > moved.place) return afterChange(seen, changed);
  const report = objectIn(moved.result);
  if (report.stopped === 'mismatch') return proposeRollBack(asRecord(report.mismatch));
  if (report.stopped === 'errors') return proposeErrors(report);
  if (report.stopped !== 'end') return giveUp(seen, `The moving stopped: ${plainResult(moved.result).slice(0, 300)}`);
  return turn(
    'Everything is moved. Now the whole of it is compared.',
    updatePlan({ id: 'move', status: 'done', note: numbersIn(report) }, { id: 'verify', status: 'active' }),
    call('verify_migration', {}),
  );
}

/** What the last report says, for the notes: they outlive the messages. */
function numbersIn(report: Readonly<Record<string, unknown>>): string {
  const { read, moved, present, refused, batches, rolledBack } = report;
  return plainly({ read, moved, present, refused, batches, 'rolled back': rolledBack });
}

function proposeRollBack({ batch, problem }: Readonly<Record<string, unknown>>): ScriptedCompletion {
  const reason = `Batch ${Number(batch)} does not verify: ${typeof problem === 'string' ? problem : ''}.`;
  return turn(
    `${reason} I propose to roll it back and to move it again; nothing else is touched.`,
    updatePlan({ id: 'move', status: 'active', note: reason }),
    call('roll_back_batch', { batch, reason }),
  );
}

function proposeErrors(report: Readonly<Record<string, unknown>>): ScriptedCompletion {
  const refused = Number(report.refused);
  const shown = asRecords(report.errors)
    .slice(-3)
    .map(({ at, problem }) => `${String(at)}: ${String(problem)}`)
    .join('; ');
  const reason = `${refused} records are refused, ${Number(report.allowedErrors)} are allowed. Among them: ${shown}`;
  return turn(
    `${reason}. They look like slips in the source; I propose to leave them behind, and to list them at the end.`,
    updatePlan({ id: 'move', status: 'active', note: reason.slice(0, 900) }),
    call('allow_errors', { upTo: refused + MORE_ERRORS, reason: reason.slice(0, 900) }),
  );
}

/** A person said yes, or no. */
function afterChange(seen: Conversation, changed: SeenCall): ScriptedCompletion {
  const result = changed.result ?? '';
  if (!/^\((?:refused|failed|unknown)\)/.test(result)) return turn(`${result} I go on.`, call('move_records', {}));
  const question = `${changed.name} was not carried out (${plainResult(result).slice(0, 300)}). What shall I do?`;
  const answer = answerTo(seen, new RegExp(`^${changed.name} was not carried out`));
  if (!answer || answer.place < changed.place) {
    return turn('I do not insist; I ask.', call('ask_user', { question, choices: ['try again', 'stop'] }));
  }
  if (/again/i.test(answer.text)) return turn('I move on, as asked.', call('move_records', {}));
  return giveUp(seen, `Stopped as asked: ${plainResult(result).slice(0, 300)}`);
}

function verifyTurn(seen: Conversation): ScriptedCompletion {
  const verified = lastCall(seen, 'verify_migration');
  if (!verified) return turn('I compare the whole of it.', call('verify_migration', {}));
  const looked = lastCall(seen, 'inspect_migration');
  const isFresh = looked !== undefined && looked.place > verified.place;
  if (!isFresh) return turn('I fetch the exact numbers for the result.', call('inspect_migration', {}));
  const { missing, twice, different } = objectIn(verified.result);
  const { read, moved, present, refused, batches, rolledBack, errors } = objectIn(looked.result);
  const listed = asRecords(errors).map(({ at, problem }) => ({ at, problem }));
  const counts = { read, moved, present, refused, batches, rolledBack, missing, twice, different, errors: listed };
  const wrong = Number(missing) + Number(twice) + Number(different);
  if (wrong > 0) return giveUp(seen, `${wrong} records are missing, twice or different; look at ${verified.result}`);
  const note = `${Number(missing)} missing, ${Number(twice)} twice, ${Number(different)} different`;
  return turn(
    'None is lost and none is there twice.',
    updatePlan({ id: 'verify', status: 'done', note }),
    call('finish', { outcome: 'success', result: counts }),
  );
}

function giveUp(seen: Conversation, reason: string): ScriptedCompletion {
  const { note } = itemOf(seen, 'move');
  const told = note === '' ? reason : `${reason} (${note})`;
  return turn(reason, call('finish', { outcome: 'failure', reason: told.slice(0, 2_000) }));
}
