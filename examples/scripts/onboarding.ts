import type { ScriptedCompletion, ScriptedRequest } from '../../models/scripted/index.ts';
import { asRecords, asText, isSettled, lastCall, objectIn, plainResult, readConversation } from './conversation.ts';
import { launchTurn } from './onboarding-launch.ts';
import { ask, onboardingFacts, planIds } from './onboarding-facts.ts';
import { done, mend, type OnboardingView } from './onboarding-view.ts';
import { answerTo, call, turn, updatePlan } from './turn.ts';

const ANSWER_HOURS = 14 * 24;

/** What a model would do next for the onboarding agent. The same prompt always leads to the same answer. */
export function onboardingScript(request: ScriptedRequest): ScriptedCompletion {
  const seen = readConversation(request);
  const view = { seen, facts: onboardingFacts(seen) };
  return lookAfterPause(view) ?? accountTurn(view) ?? workspaceTurn(view) ?? planTurn(view) ?? launchTurn(view);
}

/** After a pause the world may have changed: look before acting. */
function lookAfterPause({ seen, facts }: OnboardingView): ScriptedCompletion | undefined {
  const { accountId, workspaceId } = facts;
  const lookedLast = seen.calls.at(-1)?.name === 'get_workspace';
  if (seen.heldUp === undefined || workspaceId === undefined || lookedLast) return undefined;
  const text = `I am back after a pause. My notes say account ${accountId ?? '?'} and workspace ${workspaceId}; I look how they stand before I act.`;
  return turn(text, call('get_workspace', { workspaceId }));
}

function accountTurn(view: OnboardingView): ScriptedCompletion | undefined {
  const { seen, facts } = view;
  if (isSettled(seen, 'account')) return undefined;
  const { company, name, email, country, size } = facts;
  const lookUp = call('find_account', { email });
  const looked = lastCall(seen, 'find_account');
  if (!looked) {
    const text = `First I look whether ${company} already has an account, so that none is created twice.`;
    return turn(text, updatePlan({ id: 'account', status: 'active' }), lookUp);
  }
  const { accounts } = objectIn(looked.result);
  if (!Array.isArray(accounts)) return mend(view, looked, { reads: true, again: turn('I look again.', lookUp) });
  const existing = asRecords(accounts).find((account) => account.company === company);
  if (existing) return goOnFrom(existing, view);
  const create = call('create_account', { company, contact: { name, email }, country, size });
  const created = lastCall(seen, 'create_account');
  if (!created) return turn(`There is no account for ${email} yet, so I create it.`, create);
  const accountId = asText(objectIn(created.result).accountId);
  if (accountId === undefined) return mend(view, created, { again: turn('I create the account again.', create) });
  return turn(
    `The account is ${accountId}. Next comes a workspace in it.`,
    updatePlan(done('account', `account ${accountId}`), { id: 'workspace', status: 'active' }),
    call('create_workspace', { accountId, name: company }),
  );
}

/** The customer has been here before: what exists is taken over, nothing is made twice. */
function goOnFrom(account: Readonly<Record<string, unknown>>, { seen }: OnboardingView): ScriptedCompletion {
  const accountId = String(account.accountId);
  const [workspace] = asRecords(account.workspaces);
  const changes = [done('account', `account ${accountId}, it existed`)];
  if (!workspace) {
    const text = `Account ${accountId} exists already; it only lacks a workspace.`;
    const create = call('create_workspace', { accountId, name: account.company });
    return turn(text, updatePlan(...changes, { id: 'workspace', status: 'active' }), create);
  }
  changes.push(done('workspace', `workspace ${String(workspace.workspaceId)}, it existed`));
  if (typeof workspace.plan === 'string') changes.push(done('plan', `plan ${workspace.plan}, chosen before`));
  const imported = asRecords(workspace.imports).find(({ status }) => status === 'done');
  if (imported) changes.push(done('import', `import ${String(imported.importId)}, ${String(imported.rows)} rows`));
  const invited = Array.isArray(workspace.invited) ? workspace.invited.join(', ') : '';
  if (invited !== '') changes.push({ id: 'invite', status: 'open', note: `invited ${invited}` });
  if (typeof workspace.firstReport === 'string') changes.push(done('success', workspace.firstReport));
  if (workspace.live === true) changes.push(done('live', 'live since before'));
  const open = changes.filter(({ id }) => !isSettled(seen, id));
  return turn(`Account ${accountId} and a workspace exist already; I go on from what is there.`, updatePlan(...open));
}

function workspaceTurn(view: OnboardingView): ScriptedCompletion | undefined {
  const { seen, facts } = view;
  if (isSettled(seen, 'workspace')) return undefined;
  const create = call('create_workspace', { accountId: facts.accountId ?? '', name: facts.company });
  const created = lastCall(seen, 'create_workspace');
  if (!created) return turn('The account has no workspace yet, so I create one.', create);
  const workspaceId = asText(objectIn(created.result).workspaceId);
  if (workspaceId === undefined) return mend(view, created, { again: turn('I create the workspace again.', create) });
  return turn(
    `Workspace ${workspaceId} is there. Now the plans, so that I can put a clear question to the customer.`,
    updatePlan(done('workspace', `workspace ${workspaceId}`), { id: 'plan', status: 'active' }),
    call('list_plans', {}),
  );
}

function planTurn(view: OnboardingView): ScriptedCompletion | undefined {
  const { seen, facts } = view;
  if (isSettled(seen, 'plan') && facts.colleagues !== undefined && facts.data !== undefined) return undefined;
  const set = lastCall(seen, 'choose_plan');
  const setPlan = asText(objectIn(set?.result).plan);
  const turnedDown = set !== undefined && setPlan === undefined && !isSettled(seen, 'plan');
  const answeredSince = (answerTo(seen, ask.plan)?.place ?? -1) > (set?.place ?? -1);
  const needed = turnedDown && !answeredSince ? { ...facts, plan: undefined } : facts;
  const missing = needed.plan === undefined || needed.colleagues === undefined || needed.data === undefined;
  if (missing) return questionsTurn({ seen, facts: needed }, turnedDown ? plainResult(set?.result) : undefined);
  if (isSettled(seen, 'plan')) return undefined;
  if (setPlan === undefined || setPlan !== facts.plan) return choosePlanTurn(view);
  return undefined;
}

function choosePlanTurn({ seen, facts }: OnboardingView): ScriptedCompletion {
  const { plan, data, colleagues = [], workspaceId } = facts;
  const recalled = seen.markers.length === 0 ? '' : ` I recall where I stand: ${seen.markers.join('; ')}.`;
  const invite = colleagues.length === 0 ? 'nobody to invite' : `to invite: ${colleagues.join(', ')}`;
  return turn(
    `The customer's choice is ${plan ?? ''}.${recalled} I note the answers for later and set the plan.`,
    updatePlan(
      { id: 'plan', status: 'active', note: `plan ${plan ?? ''} chosen` },
      { id: 'import', status: 'open', note: `data ${data ?? ''}` },
      { id: 'invite', status: 'open', note: invite },
    ),
    call('choose_plan', { workspaceId: workspaceId ?? '', plan }),
  );
}

/** Everything that only the customer knows, in one turn. */
function questionsTurn(view: OnboardingView, problem: string | undefined): ScriptedCompletion {
  const { seen, facts } = view;
  const listed = lastCall(seen, 'list_plans');
  const plans = asRecords(objectIn(listed?.result).plans);
  if (facts.plan === undefined && plans.length === 0) {
    const list = call('list_plans', {});
    return listed
      ? mend(view, listed, { reads: true, again: turn('I look up the plans again.', list) })
      : turn('Which plans are there?', list);
  }
  const shared = { for: facts.email, deadlineHours: ANSWER_HOURS };
  const questions = [];
  if (facts.plan === undefined) {
    const why = problem === undefined ? '' : ` The last choice could not be set: ${problem.slice(0, 200)}`;
    const question = `Which plan suits ${facts.company}? ${plans.map(planInWords).join(' ')}${why}`;
    questions.push(call('ask_user', { question, choices: planIds, ...shared }));
  }
  if (facts.colleagues === undefined) {
    const question = `Which colleagues shall we invite to ${facts.company}'s workspace? Their e-mail addresses, please, or "none".`;
    questions.push(call('ask_user', { question, ...shared }));
  }
  if (facts.data === undefined) {
    const question = `Where is the data that we shall import for ${facts.company}? The address or the name of an uploaded CSV file.`;
    questions.push(call('ask_user', { question, ...shared }));
  }
  return turn('This only the customer can decide. I ask everything at once and wait for the answer.', ...questions);
}

function planInWords(plan: Readonly<Record<string, unknown>>): string {
  return `${String(plan.id)}: ${String(plan.seats)} seats, ${String(plan.eurosAMonth)} euros a month, for ${String(plan.suits)}.`;
}
