import type { ScriptedCall, ScriptedCompletion } from '../../models/scripted/index.ts';
import {
  addressesIn,
  asRecords,
  asText,
  isSettled,
  itemOf,
  lastCall,
  objectIn,
  type SeenCall,
} from './conversation.ts';
import { done, mend, type OnboardingView } from './onboarding-view.ts';
import { call, turn, updatePlan, wayOn, type PlanChange } from './turn.ts';

/** From the chosen plan to the end: import and invitations side by side, first success, live. */
export function launchTurn(view: OnboardingView): ScriptedCompletion {
  return preparationTurn(view) ?? successTurn(view) ?? liveTurn(view) ?? finishTurn(view);
}

/** What one line of work contributes to a turn. */
interface Share {
  readonly says: readonly string[];
  readonly changes: readonly PlanChange[];
  readonly calls: readonly ScriptedCall[];
  /** Takes the turn for itself. */
  readonly instead?: ScriptedCompletion;
}

const nothing: Share = { says: [], changes: [], calls: [] };

function preparationTurn(view: OnboardingView): ScriptedCompletion | undefined {
  const plan = planShare(view);
  const invitations = invitationShare(view);
  const data = importShare(view);
  const instead = invitations.instead ?? data.instead;
  if (instead) return instead;
  const shares = [plan, data, invitations];
  const calls = shares.flatMap((share) => share.calls);
  const changes = shares.flatMap((share) => share.changes);
  if (calls.length === 0 && changes.length === 0) return undefined;
  const says = shares.flatMap((share) => share.says).join(' ');
  const importDone = changes.some(({ id, status }) => id === 'import' && status === 'done');
  const success = successCall(view);
  if (!importDone) return turn(says, ...(changes.length > 0 ? [updatePlan(...changes)] : []), ...calls);
  changes.push({ id: 'success', status: 'active' });
  return turn(`${says} Now the first report on it.`, updatePlan(...changes), ...calls, success);
}

function planShare({ seen, facts }: OnboardingView): Share {
  if (isSettled(seen, 'plan')) return nothing;
  const seats = objectIn(lastCall(seen, 'choose_plan')?.result).seats;
  const says = [`Plan ${facts.plan ?? ''} is set.`];
  return { says, changes: [done('plan', `plan ${facts.plan ?? ''}, ${String(seats)} seats`)], calls: [] };
}

function importShare(view: OnboardingView): Share {
  const { seen, facts } = view;
  if (isSettled(seen, 'import')) return nothing;
  const { workspaceId, importId, data } = facts;
  const start = call('start_data_import', { workspaceId, source: data });
  const started = lastCall(seen, 'start_data_import');
  const starting: Share = {
    says: [`I start importing ${data ?? ''}.`],
    changes: [{ id: 'import', status: 'active' }],
    calls: [start],
  };
  if (importId === undefined) {
    if (!started) return starting;
    return { ...nothing, instead: mend(view, started, { again: turn('I start the import again.', start) }) };
  }
  const check = call('check_data_import', { importId });
  const checked = lastCall(seen, 'check_data_import', { importId });
  const noted: PlanChange = { id: 'import', status: 'active', note: `data ${data ?? ''}, import ${importId}` };
  const changes = itemOf(seen, 'import').note === noted.note ? [] : [noted];
  if (!checked) return { says: [`Import ${importId} is under way; I look how far it is.`], changes, calls: [check] };
  const { status, rows, error, expectedBy, percent, rejectedRows } = objectIn(checked.result);
  if (status === 'running') {
    const next = later(view, check, asText(expectedBy));
    const says = next === check ? 'It should be done by now; I look again.' : `${String(percent)} % imported; I wait.`;
    return { says: [says], changes, calls: [next] };
  }
  if (status === 'failed') return importFailed(view, checked, { error: String(error), start, starting });
  if (status !== 'done')
    return {
      ...nothing,
      instead: mend(view, checked, { reads: true, again: turn('I look at the import again.', check) }),
    };
  const left = asRecords(rejectedRows).length;
  const note = `import ${importId}, ${String(rows)} rows${left > 0 ? `, ${left} rows without an address left out` : ''}`;
  return { says: [`The import is done: ${String(rows)} rows.`], changes: [done('import', note)], calls: [] };
}

/** Looking again and again costs a turn each: a timer wakes it when the import should be done. */
function later({ seen }: OnboardingView, check: ScriptedCall, expectedBy: string | undefined): ScriptedCall {
  if (expectedBy === undefined || seen.calls.at(-1)?.name === 'wait_until') return check;
  return call('wait_until', { until: expectedBy, reason: 'the import should be done by then' });
}

/** The data is not where it was said to be: only the customer can say where it is. */
function importFailed(
  { seen, facts }: OnboardingView,
  checked: SeenCall,
  { error, start, starting }: { readonly error: string; readonly start: ScriptedCall; readonly starting: Share },
): Share {
  const answered = seen.answers.findLast(({ question }) => question.startsWith('Where is the data '));
  const startedSince = seen.calls.some(
    ({ name, place }) => name === 'start_data_import' && place > (answered?.place ?? 0),
  );
  if (answered && answered.place > checked.place && !startedSince) return { ...starting, calls: [start] };
  const question = `Where is the data that we shall import for ${facts.company}? The last import failed: ${error}.`;
  const instead = turn(
    `The import failed (${error}). I ask the customer where the data is.`,
    call('ask_user', { question, for: facts.email, deadlineHours: 14 * 24 }),
  );
  return { ...nothing, instead };
}

function invitationShare(view: OnboardingView): Share {
  const { seen, facts } = view;
  const { workspaceId, colleagues = [] } = facts;
  const settled = isSettled(seen, 'invite');
  const { note } = itemOf(seen, 'invite');
  const dealtWith = note.startsWith('invited ') ? addressesIn(note) : [];
  const calls: ScriptedCall[] = [];
  const invited: string[] = [];
  const skipped: string[] = [];
  for (const email of colleagues) {
    if (dealtWith.includes(email)) continue;
    const invite = call('invite_colleague', { workspaceId, email });
    const asked = lastCall(seen, 'invite_colleague', { email });
    if (!asked) calls.push(invite);
    else if (asText(objectIn(asked.result).invitationId) !== undefined) invited.push(email);
    else {
      const way = wayOn(seen, asked, { person: facts.email, reads: false });
      if (way.kind === 'ask') return { ...nothing, instead: way.turn };
      if (way.kind === 'again' && triesSince(view, asked) === 0) calls.push(invite);
      else skipped.push(email);
    }
  }
  if (calls.length > 0) {
    const changes: PlanChange[] = settled ? [] : [{ id: 'invite', status: 'active' }];
    return {
      says: [`${calls.length === 1 ? 'One invitation goes' : `${calls.length} invitations go`} out.`],
      changes,
      calls,
    };
  }
  if (settled && invited.length === 0) return nothing;
  const names = [...dealtWith, ...invited].join(', ') || 'nobody';
  const left = skipped.length > 0 ? `; not invited: ${skipped.join(', ')}` : '';
  return { says: [`Invited: ${names}.`], changes: [done('invite', `invited ${names}${left}`)], calls: [] };
}

/** Calls of the same kind after that one. */
function triesSince({ seen }: OnboardingView, { place, arguments: { email } }: SeenCall): number {
  return seen.calls.filter((other) => other.place > place && other.arguments.email === email).length;
}

function successCall({ facts }: OnboardingView): ScriptedCall {
  return call('run_first_report', { workspaceId: facts.workspaceId });
}

function successTurn(view: OnboardingView): ScriptedCompletion | undefined {
  const { seen, facts } = view;
  if (isSettled(seen, 'success')) return undefined;
  const report = successCall(view);
  const ran = lastCall(seen, 'run_first_report');
  if (!ran) return turn('Everything is prepared. The first report is the first success.', report);
  const headline = asText(objectIn(ran.result).headline);
  if (headline === undefined) return mend(view, ran, { again: turn('I run the first report again.', report) });
  return turn(
    `The customer's first success: ${headline}. Time to go live.`,
    updatePlan(done('success', headline), { id: 'live', status: 'active' }),
    call('go_live', { workspaceId: facts.workspaceId }),
  );
}

function liveTurn(view: OnboardingView): ScriptedCompletion | undefined {
  const { seen, facts } = view;
  if (isSettled(seen, 'live')) return undefined;
  const goLive = call('go_live', { workspaceId: facts.workspaceId });
  const went = lastCall(seen, 'go_live');
  if (!went) return turn('The first success is there; the workspace can go live.', goLive);
  if (objectIn(went.result).live !== true) return mend(view, went, { again: turn('I try to go live again.', goLive) });
  return turn(
    'The workspace is live. A last look, so that the result says what is and not what I believe.',
    updatePlan(done('live', `workspace ${facts.workspaceId ?? ''} is live`)),
    call('get_workspace', { workspaceId: facts.workspaceId }),
  );
}

function finishTurn(view: OnboardingView): ScriptedCompletion {
  const { seen, facts } = view;
  const look = call('get_workspace', { workspaceId: facts.workspaceId });
  const looked = lastCall(seen, 'get_workspace');
  const workspace = objectIn(looked?.result);
  if (!looked || (typeof workspace.workspaceId === 'string' && workspace.live !== true)) {
    return turn('Everything in the plan is done. I look at the workspace once more.', look);
  }
  if (workspace.workspaceId === undefined)
    return mend(view, looked, { reads: true, again: turn('I look again.', look) });
  const imported = asRecords(workspace.imports).filter(({ status }) => status === 'done');
  const result = {
    accountId: facts.accountId ?? null,
    workspaceId: workspace.workspaceId,
    plan: workspace.plan ?? null,
    rowsImported: imported.reduce((sum, { rows }) => sum + Number(rows), 0),
    invited: workspace.invited,
    live: true,
  };
  return turn(`${facts.company} is live.`, call('finish', { outcome: 'success', result }));
}
