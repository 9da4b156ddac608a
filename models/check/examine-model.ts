import type { RequestedCall } from '../../contracts/language-model.ts';
import type { Dialect } from '../providers.ts';
import { contextFinding } from './context-size.ts';
import { fine, lacking, odd } from './findings.ts';
import type { Finding } from './findings.ts';
import { probe } from './probe.ts';
import type { Probed, ProbedServer } from './probe.ts';

/** A model to examine. */
export interface ExaminedModel extends ProbedServer {
  readonly model: string;
  readonly dialect: Dialect;
  /** How long one call may take, in milliseconds. */
  readonly timeoutMs: number;
}

export interface Examination {
  /** An agent can work with it. */
  readonly usable: boolean;
  readonly findings: readonly Finding[];
  /** Calls that were made, and what they took. */
  readonly calls: number;
  readonly tokens: number;
}

/** Room for a model that thinks before it answers. */
const ANSWER_TOKENS = 2_000;
const SYSTEM = 'You answer briefly, and with a call where a tool can help.';
const CITIES = ['Paris', 'Rome'] as const;
const weather = {
  name: 'weather',
  description: 'The weather of a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};
const judge = {
  name: 'judge',
  description: 'Gives the judgement.',
  parameters: {
    type: 'object',
    properties: {
      verdict: { type: 'string', enum: ['good', 'bad'] },
      reasons: { type: 'array', items: { type: 'string' } },
    },
    required: ['verdict', 'reasons'],
    additionalProperties: false,
  },
};

/** Finds out in a few calls what a model and its server can do, and what is done about what they cannot. */
export async function examineModel(examined: ExaminedModel): Promise<Examination> {
  const asked: Probed[] = [];
  const ask: Ask = async (body) => {
    const answer = await probe(examined, { ...bodyOf(examined), ...body }, examined.timeoutMs);
    asked.push(answer);
    return answer;
  };
  const findings = await examine(examined, ask);
  return {
    usable: findings.every(({ state }) => state !== 'missing'),
    findings,
    calls: asked.length,
    tokens: asked.reduce((sum, { usage }) => sum + (usage.promptTokens ?? 0) + (usage.completionTokens ?? 0), 0),
  };
}

type Ask = (body: object) => Promise<Probed>;

async function examine(examined: ExaminedModel, ask: Ask): Promise<Finding[]> {
  const first = await askForTwo(examined, ask);
  if (!isAnswer(first)) return [unanswered(first, examined)];
  const answered = fine('answers', `${first.model || examined.model} answered in ${first.ms} ms`);
  return [
    answered,
    ...callFindings(first),
    streamFinding(first),
    usageFinding(first, examined),
    ...(first.thought ? [THINKS] : []),
    ...(await placementFindings(first, ask)),
    ...(await obeyingFindings(examined, ask)),
    await contextFinding(examined),
  ];
}

const THINKS = fine(
  'thoughts',
  'it thinks before it answers, and says what',
  'that goes back to it with its calls, and to nobody else',
);

function bodyOf({ model, dialect }: ExaminedModel): object {
  return { model, [dialect.bound]: ANSWER_TOKENS };
}

/** Two calls in one streamed answer. */
function askForTwo({ dialect }: ExaminedModel, ask: Ask): Promise<Probed> {
  return ask({
    stream: true,
    ...(dialect.without.includes('stream_options') ? {} : { stream_options: { include_usage: true } }),
    messages: [{ role: 'system', content: SYSTEM }, QUESTION],
    tools: [toolOf(weather)],
  });
}

const QUESTION = {
  role: 'user',
  content: `What is the weather in ${CITIES.join(' and in ')}? Call weather once for each of the two, both in this one answer.`,
};

function unanswered({ status, refusal }: Probed, { model }: ExaminedModel): Finding {
  const says = `the request was refused with HTTP ${status}: ${refusal || 'no words'}`;
  if (status === 401 || status === 403) return lacking('answers', says, 'check the key, and what it may use');
  if (status === 404) return lacking('answers', says, `check the address, and that it has a model "${model}"`);
  if (/tool|function/i.test(refusal))
    return lacking('answers', says, 'choose a model, or start its server so, that it calls tools');
  return lacking('answers', says, 'set WAYMARK_PROVIDERS for what it does not take (docs/models.md)');
}

function callFindings({ calls, text }: Probed): Finding[] {
  if (calls.length === 0) return [withoutCalls(text)];
  const right = calls.every(
    ({ name, arguments: raw }) => name === 'weather' && CITIES.some((city) => raw.includes(city)),
  );
  return [
    right
      ? fine('tools', 'it calls tools')
      : odd('tools', `it calls tools, with ${calls[0]?.arguments}`, 'calls that do not fit are told to it'),
    calls.length > 1
      ? fine('parallel calls', `${calls.length} calls in one answer`)
      : odd('parallel calls', 'one call at a time', 'a turn makes one call, and a task takes more turns'),
    idFinding(calls),
  ];
}

function withoutCalls(text: string): Finding {
  if (/"name"\s*:\s*"weather"|<tool_call>|<function=/.test(text)) {
    return odd(
      'tools',
      'it writes its calls as text',
      'they are taken as calls where the setting textCalls of its route is on, as it is for servers on this machine',
    );
  }
  const said = text.trim() === '' ? 'nothing' : `"${text.trim().slice(0, 80)}"`;
  return lacking(
    'tools',
    `it was asked for two calls and said ${said}`,
    'choose a model, or start its server so, that it calls tools',
  );
}

function idFinding(calls: readonly RequestedCall[]): Finding {
  const ids = calls.map(({ id }) => id);
  if (ids.some((id) => id === '')) return odd('call ids', 'calls come without an id', 'they are given ones');
  if (new Set(ids).size < ids.length) return odd('call ids', 'two calls have one id', 'the second is given another');
  return fine('call ids', `of its own, e.g. ${ids[0]}`, 'they go back to it as they are');
}

function streamFinding({ pieces }: Probed): Finding {
  if (pieces > 1) return fine('streaming', `${pieces} pieces`);
  return odd(
    'streaming',
    'its answers come whole',
    'they are read all the same; until one is complete nothing is heard of it',
  );
}

function usageFinding({ usage }: Probed, { dialect }: ExaminedModel): Finding {
  const { promptTokens, completionTokens, cachedTokens, reasoningTokens } = usage;
  if (promptTokens === undefined || completionTokens === undefined) {
    return odd('usage', 'it does not count tokens', 'they are estimated, and budgets with them');
  }
  const parts = [
    ...(cachedTokens === undefined ? [] : ['what came from its cache']),
    ...(reasoningTokens === undefined ? [] : ['what was thought']),
  ];
  const unasked = dialect.without.includes('stream_options') ? ', unasked' : '';
  return fine('usage', `it counts tokens${unasked}${parts.length === 0 ? '' : `, and tells ${parts.join(' and ')}`}`);
}

/** The two calls with their results, ids of ours in the place of its own, and a system message at the end. */
async function placementFindings({ calls }: Probed, ask: Ask): Promise<Finding[]> {
  const late = { role: 'system', content: 'Answer in one word.' };
  const own = calls.length > 0 && calls.every(({ id }) => id !== '') ? calls : madeCalls();
  const ours = own.map((call, at) => ({ ...call, id: `call_0123456789abcdef_${at}` }));
  const story = (told: readonly RequestedCall[]) => ({
    messages: [{ role: 'system', content: SYSTEM }, QUESTION, ...toldCalls(told)],
    tools: [toolOf(weather)],
  });
  const strange = story(ours);
  if (isAnswer(await ask({ ...strange, messages: [...strange.messages, late] })))
    return [fine('system messages', 'anywhere')];
  if (isAnswer(await ask(strange))) return [FIRST_ONLY];
  const known = story(own);
  const withOwn = await ask(known);
  if (isAnswer(withOwn))
    return [FIRST_ONLY, odd('call ids', 'it takes only its own', 'they go back to it as they are')];
  return [lacking('tools', `it refuses the results of its calls: ${withOwn.refusal}`, 'report this, with its words')];
}

const FIRST_ONLY = odd('system messages', 'only one, at the start', 'it is sent one, at the start');

function madeCalls(): RequestedCall[] {
  return CITIES.map((city, at) => ({ id: `abcdefgh${at}`, name: 'weather', arguments: JSON.stringify({ city }) }));
}

function toldCalls(calls: readonly RequestedCall[]): object[] {
  const asked = calls.map(({ id, name, arguments: raw }) => ({
    id,
    type: 'function',
    function: { name, arguments: raw || '{}' },
  }));
  return [
    { role: 'assistant', content: null, tool_calls: asked },
    ...calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'sunny' })),
  ];
}

/** One tool that must be called, held to its schema. */
async function obeyingFindings({ dialect }: ExaminedModel, ask: Ask): Promise<Finding[]> {
  const messages = [
    { role: 'user', content: 'Judge this sentence: "The sky is blue." Give your judgement with judge.' },
  ];
  const named = { type: 'function', function: { name: judge.name } };
  const choice = dialect.choice === 'none' ? {} : { tool_choice: dialect.choice === 'named' ? named : 'required' };
  const isStrict = !dialect.without.includes('strict');
  const both = await ask({ messages, tools: [toolOf(judge, isStrict)], ...choice });
  if (isAnswer(both)) return [choiceFinding(dialect, both), strictFinding(both, isStrict)];
  const withoutChoice = await ask({ messages, tools: [toolOf(judge, isStrict)] });
  if (isAnswer(withoutChoice)) return [REFUSES_CHOICE, strictFinding(withoutChoice, isStrict)];
  const plain = await ask({ messages, tools: [toolOf(judge)], ...choice });
  return [isAnswer(plain) ? choiceFinding(dialect, plain) : REFUSES_CHOICE, REFUSES_STRICT];
}

const REFUSES_CHOICE = odd('asking for a tool', 'refused', 'it is offered that tool alone');
const REFUSES_STRICT = odd('strict schemas', 'refused', 'not asked for: arguments are checked against the schema here');

function choiceFinding({ choice }: Dialect, { calls }: Probed): Finding {
  if (choice === 'none')
    return fine('asking for a tool', 'not tried: it is known to refuse it', 'it is offered that tool alone');
  if (calls.some(({ name }) => name === judge.name))
    return fine('asking for a tool', choice === 'named' ? 'by its name' : 'as some tool');
  return odd('asking for a tool', 'taken, and not done', 'it is told once more');
}

function strictFinding({ calls }: Probed, isStrict: boolean): Finding {
  if (!isStrict) return fine('strict schemas', 'not asked for: it is known not to hold to them', REFUSES_STRICT.mend);
  if (calls.some(({ arguments: raw }) => isJudgement(raw)))
    return fine('strict schemas', 'taken, and the arguments fit');
  return odd('strict schemas', 'taken, and the arguments do not fit', 'what does not fit is told to it');
}

function isJudgement(raw: string): boolean {
  try {
    const value: unknown = JSON.parse(raw);
    const verdict: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'verdict') : undefined;
    return (verdict === 'good' || verdict === 'bad') && Array.isArray(Reflect.get(Object(value), 'reasons'));
  } catch {
    return false;
  }
}

function isAnswer({ pieces }: Probed): boolean {
  return pieces > 0;
}

function toolOf({ name, description, parameters }: typeof weather | typeof judge, strict = false): object {
  return { type: 'function', function: { name, description, parameters, ...(strict ? { strict } : {}) } };
}
