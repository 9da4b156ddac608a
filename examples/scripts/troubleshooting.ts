import type { ScriptedCompletion, ScriptedRequest } from '../../models/scripted/index.ts';
import {
  asRecord,
  asText,
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
import { diagnose, type Diagnosis } from './diagnosis.ts';
import { call, turn, updatePlan, type PlanChange } from './turn.ts';

interface Incident {
  readonly service: string;
  readonly healthUrl: string;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly logFile: string | undefined;
  readonly processName: string;
  readonly contact: string;
}

interface View {
  readonly seen: Conversation;
  readonly incident: Incident;
}

/** What a model would do next for the troubleshooting agent. The same prompt always leads to the same answer. */
export function troubleshootingScript(request: ScriptedRequest): ScriptedCompletion {
  const seen = readConversation(request);
  const view = { seen, incident: incidentIn(seen.goal) };
  return symptomTurn(view) ?? causeTurn(view) ?? fixTurn(view) ?? verifyTurn(view);
}

function incidentIn(goal: string): Incident {
  const healthUrl = /Health check: (\S+)/.exec(goal)?.[1] ?? '';
  const url = new URL(healthUrl);
  const secure = url.protocol === 'https:';
  return {
    service: /^Find out why (\S+) is/.exec(goal)?.[1] ?? '',
    healthUrl,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    secure,
    logFile: /Log file: "([^"]+)"/.exec(goal)?.[1],
    processName: /Process: "([^"]+)"/.exec(goal)?.[1] ?? '',
    contact: /Contact: (.*)\.$/.exec(goal)?.[1] ?? '',
  };
}

function symptomTurn({ seen, incident }: View): ScriptedCompletion | undefined {
  if (isSettled(seen, 'symptom')) return undefined;
  const { healthUrl, host, port, secure, logFile, processName } = incident;
  const checked = lastCall(seen, 'http_check');
  if (!checked) {
    return turn(
      'Before I look for a cause I want to see the symptom myself: the health check, the port and the name, at once.',
      updatePlan({ id: 'symptom', status: 'active' }),
      call('http_check', { url: healthUrl }),
      call('tcp_connect', { host, port }),
      call('dns_lookup', { name: host }),
      ...(secure ? [call('tls_certificate', { host, port })] : []),
    );
  }
  const note = symptomIn(seen);
  if (isHealthy(checked)) return nothingWrong(note);
  return turn(
    `I see it too: ${note}. Now the log's errors, the disk and the process, to narrow it down.`,
    updatePlan(done('symptom', note), { id: 'cause', status: 'active' }),
    ...(logFile === undefined ? [] : [call('read_log_tail', { file: logFile, lines: 20, search: 'ERROR' })]),
    call('disk_space', { path: '/' }),
    call('list_processes', { name: processName }),
  );
}

function symptomIn(seen: Conversation): string {
  const health = healthIn(lastCall(seen, 'http_check'));
  const open = objectIn(lastCall(seen, 'tcp_connect')?.result).connected === true;
  const resolved = objectIn(lastCall(seen, 'dns_lookup')?.result).resolved === true;
  return `health check: ${health}; port ${open ? 'open' : 'closed'}; name ${resolved ? 'resolves' : 'does not resolve'}`;
}

function healthIn(checked: SeenCall | undefined): string {
  const { reachable, status, body, error } = objectIn(checked?.result);
  if (reachable === true) return `${String(status)} (${plainly(body).slice(0, 120)})`;
  return `no answer (${asText(asRecord(error).code) ?? checked?.result?.slice(0, 100) ?? 'not looked'})`;
}

function isHealthy(checked: SeenCall | undefined): boolean {
  return objectIn(checked?.result).ok === true;
}

function nothingWrong(note: string): ScriptedCompletion {
  const result = {
    cause: 'The symptom does not show now.',
    fix: 'Nothing was changed.',
    verified: true,
    evidence: [{ check: 'See the symptom', finding: note }],
  };
  return turn(
    'The service is healthy as I look at it; there is nothing to mend.',
    call('finish', { outcome: 'success', result }),
  );
}

function causeTurn({ seen, incident }: View): ScriptedCompletion | undefined {
  if (isSettled(seen, 'cause')) return undefined;
  const found = diagnose(seen);
  const note = `${found.cause} (${found.finding}; ${besidesIn(seen)})`;
  if (found.remedies.length === 0) return giveUp({ seen, incident }, { cause: note, fix: found.advice });
  return turn(
    `The cause: ${found.cause} ${found.proposal}`,
    updatePlan(done('cause', note), {
      id: 'fix',
      status: 'active',
      note: `proposed: ${found.remedies.join(', then ')}`,
    }),
    remedyCall(incident, found.remedies[0] ?? '', found),
  );
}

/** What was looked at as well: it says what the cause is not. */
function besidesIn(seen: Conversation): string {
  const { usedPercent } = objectIn(lastCall(seen, 'disk_space')?.result);
  const { count } = objectIn(lastCall(seen, 'list_processes')?.result);
  const disk = typeof usedPercent === 'number' ? `${usedPercent} % used` : 'not seen';
  return `disk ${disk}; processes: ${typeof count === 'number' ? count : 'not seen'}`;
}

function remedyCall({ service }: Incident, tool: string, { proposal }: Pick<Diagnosis, 'proposal'>) {
  return call(tool, { service, reason: proposal });
}

const nextReasons: Readonly<Record<string, string>> = {
  clear_cache: 'It frees the space that the service needs; the cache fills again by itself.',
  restart_service:
    'The worker gave up while the cache was full and does not come back by itself; a restart takes a moment.',
};

/** One change at a time, each approved by a person, with a look after each. */
function fixTurn(view: View): ScriptedCompletion | undefined {
  const { seen, incident } = view;
  if (isSettled(seen, 'fix')) return undefined;
  const { note } = itemOf(seen, 'fix');
  const [remedies, ...applied] = note.split('; done: ');
  const next = (remedies?.match(/clear_cache|restart_service/g) ?? [])[applied.length];
  const tried = next === undefined ? undefined : lastCall(seen, next);
  if (tried) return triedTurn(view, tried, note);
  const looked = lastCall(seen, 'http_check');
  if (!looked && applied.length > 0) return turn('Did it help?', call('http_check', { url: incident.healthUrl }));
  if (looked && isHealthy(looked)) return fixed(view, { applied, looked });
  if (next === undefined) {
    const fix = `Tried without success: ${applied.join('; ')}. Somebody who knows ${incident.service} should look at it.`;
    return giveUp(view, { cause: itemOf(seen, 'cause').note, fix });
  }
  const proposal = nextReasons[next] ?? '';
  return turn(`Still unhealthy. I propose ${next}: ${proposal}`, remedyCall(incident, next, { proposal }));
}

/** What came of a change goes into the notes before anything else. */
function triedTurn(view: View, tried: SeenCall, note: string): ScriptedCompletion {
  const result = tried.result ?? '';
  const unknown = /outcome unknown/i.test(result);
  if (!unknown && Object.keys(objectIn(result)).length === 0) return notApplied(view, tried);
  const text = unknown
    ? `Nobody knows whether ${tried.name} was carried out, so I look.`
    : `${tried.name} is done. Did it help?`;
  const outcome = unknown ? 'outcome unknown' : `(${plainly(objectIn(result)).slice(0, 200)})`;
  return turn(
    text,
    updatePlan({ id: 'fix', status: 'active', note: `${note}; done: ${tried.name} ${outcome}` }),
    call('http_check', { url: view.incident.healthUrl }),
  );
}

function fixed(
  { seen, incident }: View,
  { applied, looked }: { readonly applied: readonly string[]; readonly looked: SeenCall },
): ScriptedCompletion {
  const { logFile, healthUrl, service } = incident;
  const lesson = { kind: 'procedure', about: `${service} unhealthy`, text: lessonOf(seen, { service, applied }) };
  return turn(
    `The health check answers ${healthIn(looked)}. I look a second time, and at the log, to see whether it stays so.`,
    updatePlan(done('fix', applied.join('; ')), { id: 'verify', status: 'active', note: 'healthy at the first look' }),
    call('http_check', { url: healthUrl }),
    ...(logFile === undefined ? [] : [call('read_log_tail', { file: logFile, lines: 5 })]),
    ...(seen.tools.includes('remember') ? [call('remember', lesson)] : []),
  );
}

/** What helps next time. */
function lessonOf(
  seen: Conversation,
  { service, applied }: { readonly service: string; readonly applied: readonly string[] },
): string {
  const [cause] = itemOf(seen, 'cause').note.split(' (');
  const tools = applied.map((change) => change.split(' ', 1)[0]).join(', then ');
  return `When ${service} is unhealthy: ${cause ?? ''} It got healthy through ${tools}.`;
}

/** A person said no, or the service did: what now is for a person to say. */
function notApplied(view: View, tried: SeenCall): ScriptedCompletion {
  const { seen, incident } = view;
  const answer = seen.answers.findLast(
    ({ question, place }) => place > tried.place && question.startsWith(`${tried.name} was not carried out`),
  );
  const why = plainResult(tried.result);
  const proposal = nextReasons[tried.name] ?? '';
  if (!answer) {
    const question = `${tried.name} was not carried out (${why.slice(0, 300)}). ${incident.service} stays unhealthy without it. What shall I do?`;
    const ask = call('ask_user', { question, for: incident.contact, choices: ['propose it again', 'leave it'] });
    return turn(`${why} I do not insist; I ask what should happen instead.`, ask);
  }
  if (/again/i.test(answer.text))
    return turn('I propose it once more, as asked.', remedyCall(incident, tried.name, { proposal }));
  const fix = `${tried.name} was proposed and not carried out: ${why}`;
  return giveUp(view, { cause: itemOf(seen, 'cause').note, fix });
}

function verifyTurn(view: View): ScriptedCompletion {
  const { seen, incident } = view;
  const looked = lastCall(seen, 'http_check');
  if (!looked && !isSettled(seen, 'verify')) {
    return turn('I look whether the service is healthy.', call('http_check', { url: incident.healthUrl }));
  }
  if (looked && !isHealthy(looked)) {
    return giveUp(view, {
      cause: itemOf(seen, 'cause').note,
      fix: 'It was healthy after the fix, and is not any more.',
    });
  }
  const note = `healthy at two looks after the fix: ${healthIn(looked)}`;
  const result = {
    cause: itemOf(seen, 'cause').note,
    fix: itemOf(seen, 'fix').note,
    verified: true,
    evidence: [...evidenceIn(seen), { check: itemOf(seen, 'verify').title, finding: note }],
  };
  const finish = call('finish', { outcome: 'success', result });
  return turn(`${incident.service} is healthy and stays so.`, updatePlan(done('verify', note)), finish);
}

function giveUp({ seen }: View, { cause, fix }: { readonly cause: string; readonly fix: string }): ScriptedCompletion {
  const result = { cause, fix, verified: false, evidence: evidenceIn(seen) };
  return turn(`I cannot mend this. ${fix}`, call('finish', { outcome: 'failure', result, reason: fix }));
}

function evidenceIn(seen: Conversation): { readonly check: string; readonly finding: string }[] {
  return seen.plan
    .filter(({ id, status, note }) => status === 'done' && note !== '' && id !== 'verify')
    .map(({ title, note }) => ({ check: title, finding: note }));
}

function done(id: string, note: string): PlanChange {
  return { id, status: 'done', note: asText(note) ?? '' };
}
