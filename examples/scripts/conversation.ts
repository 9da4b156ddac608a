import type { ScriptedMessage, ScriptedRequest } from '../../models/scripted/index.ts';

/** A call that stands in the prompt, with what came of it. */
export interface SeenCall {
  /** Place in the prompt: what came later has a higher one. */
  readonly place: number;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly result?: string;
}

/** What a person answered: to a call that waited for it, or later in a message. */
export interface SeenAnswer {
  readonly place: number;
  readonly question: string;
  readonly text: string;
}

export interface SeenPlanItem {
  readonly id: string;
  readonly title: string;
  readonly status: 'open' | 'active' | 'done' | 'skipped';
  readonly note: string;
}

/** What a prompt says, taken apart as a model would take it in. */
export interface Conversation {
  /** Names of the tools it may call. */
  readonly tools: readonly string[];
  readonly goal: string;
  readonly plan: readonly SeenPlanItem[];
  /** Calls with their results, oldest first. */
  readonly calls: readonly SeenCall[];
  readonly answers: readonly SeenAnswer[];
  /** The progress markers that were recalled. */
  readonly markers: readonly string[];
  /** What people and services wrote, oldest first. */
  readonly messages: readonly string[];
  /** Why and how long the task was held, if it has been since the agent last spoke. */
  readonly heldUp?: string;
}

const PLAN_LINE = /^- \[([ >x-])\] (\S+) \| (.*?)(?: \|(?: (.*))?)?$/gm;
const MARKER = /^- \[progress, [^\]]*\] (.*)$/gm;
/** Who wrote a message, and when. */
const SENDER = /^\[(?:person|service|agent) [^\]]*\]\n/;
const statuses = { ' ': 'open', '>': 'active', x: 'done', '-': 'skipped' } as const;

export function readConversation({ messages, tools }: ScriptedRequest): Conversation {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  const state = system.findLast((content) => /^Goal: [^]*^Plan:/m.test(content)) ?? '';
  const lastWord = messages.findLastIndex(({ role }) => role === 'assistant');
  const calls = callsIn(messages);
  const said = messages.filter(({ role }) => role === 'user').map(({ content }) => content.replace(SENDER, ''));
  const heldUp = messages
    .slice(lastWord + 1)
    .map(({ content }) => /The task was (?:paused|blocked) [^]* resumed by/.exec(content)?.[0])
    .find((note) => note !== undefined);
  return {
    tools,
    goal: /^Goal: (.*)$/m.exec(state)?.[1] ?? '',
    plan: planIn(state),
    calls,
    answers: [...answersIn(calls), ...lateAnswersIn(messages)].toSorted((one, other) => one.place - other.place),
    markers: system.flatMap((content) => [...content.matchAll(MARKER)].map(([, text]) => text ?? '')),
    messages: said,
    ...(heldUp === undefined ? {} : { heldUp }),
  };
}

/** The plan item of that id. */
export function itemOf({ plan }: Conversation, id: string): SeenPlanItem {
  return plan.find((item) => item.id === id) ?? { id, title: id, status: 'open', note: '' };
}

/** Is there nothing left to do for this item? */
export function isSettled(conversation: Conversation, id: string): boolean {
  const { status } = itemOf(conversation, id);
  return status === 'done' || status === 'skipped';
}

/** The last finished call of a tool, with arguments that match. */
export function lastCall(
  { calls }: Conversation,
  name: string,
  matches: Readonly<Record<string, unknown>> = {},
): (SeenCall & { readonly result: string }) | undefined {
  return calls.findLast(
    (call): call is SeenCall & { readonly result: string } =>
      call.name === name &&
      call.result !== undefined &&
      Object.entries(matches).every(([key, value]) => call.arguments[key] === value),
  );
}

/** The JSON object in a result, or an empty one: a refusal or a failure is prose. */
export function objectIn(text: string | undefined): Readonly<Record<string, unknown>> {
  const found = /\{[^]*\}/.exec(text ?? '')?.[0];
  if (found === undefined) return {};
  try {
    return asRecord(JSON.parse(found));
  } catch {
    return {};
  }
}

/** A result without the mark that says how the call ended. */
export function plainResult(text: string | undefined): string {
  return (text ?? '').replace(/^\((?:refused|failed|unknown)\) /, '');
}

/** The value as an object, or an empty one. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The values as objects, or none. */
export function asRecords(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(asRecord) : [];
}

/** A value in words for people: `files 64, freedBytes 1048576`. */
export function plainly(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value).trim();
  const parts = Array.isArray(value)
    ? value.map(plainly)
    : Object.entries(value).map(([name, inner]) => `${name} ${plainly(inner)}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** The value if it is a string that says something. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The e-mail addresses in a text, each once. */
export function addressesIn(text: string): string[] {
  const found = text.toLowerCase().match(/[a-z0-9_.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+/g) ?? [];
  return [...new Set(found)];
}

function planIn(state: string): SeenPlanItem[] {
  return [...state.matchAll(PLAN_LINE)].map(([, mark, id, title, note]) => ({
    id: id ?? '',
    title: title ?? '',
    status: statuses[mark === '>' || mark === 'x' || mark === '-' ? mark : ' '],
    note: note ?? '',
  }));
}

function callsIn(messages: readonly ScriptedMessage[]): SeenCall[] {
  const results = new Map<string, string>();
  for (const { role, tool_call_id, content } of messages) {
    if (role === 'tool' && tool_call_id !== undefined) results.set(tool_call_id, content);
  }
  return messages.flatMap(({ tool_calls = [] }, place) =>
    tool_calls.map(({ id, function: called }) => {
      const result = results.get(id);
      const seen = { place, name: called.name, arguments: objectIn(called.arguments) };
      return result === undefined ? seen : { ...seen, result };
    }),
  );
}

function answersIn(calls: readonly SeenCall[]): SeenAnswer[] {
  return calls.flatMap(({ name, place, arguments: { question }, result }) => {
    if (name !== 'ask_user' || result === undefined || typeof question !== 'string') return [];
    const text = /the default answer is taken: ([^]*)$/.exec(result)?.[1] ?? result;
    return /^No answer (?:yet|came)/.test(text) ? [] : [{ place, question, text }];
  });
}

/** An answer that came when its call no longer waited. */
function lateAnswersIn(messages: readonly ScriptedMessage[]): SeenAnswer[] {
  return messages.flatMap(({ role, content }, place) => {
    const [, question, text] = (role === 'user' && /Answer to "([^]*)": ([^]*)$/.exec(content)) || [];
    return question === undefined || text === undefined ? [] : [{ place, question, text }];
  });
}
