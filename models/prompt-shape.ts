import { engineWords } from '../contracts/prompt-marks.ts';
import type { PromptMessage } from '../contracts/language-model.ts';

type Answer = Extract<PromptMessage, { role: 'assistant' }>;
type Result = Extract<PromptMessage, { role: 'tool' }>;

/** Said in the place of the model where a person speaks right after its calls' results. */
export const BRIDGE = 'I have the results.';
const BEFORE = engineWords('What came before is not shown.');
const GO_ON = engineWords('Go on.');
const NOTHING = '(no output)';

/**
 * A prompt in the one shape that every server and chat template takes: a system message first, if there is one; then
 * user and assistant in turn, beginning with the user; the results of calls right after them, each call with one; none
 * empty; the last of a user or a tool. What Waymark says later (system messages after the first others) joins the
 * person's or the tool's message beside it, under a mark, so that what changes can stay last behind results, too. The
 * same messages have the same shape whatever follows them, so that a provider's cache holds.
 */
export function shapePrompt(messages: readonly PromptMessage[]): PromptMessage[] {
  const said = messages.filter((message) => !isEmpty(message));
  const start = said.findIndex(({ role }) => role !== 'system');
  const head = start === -1 ? said : said.slice(0, start);
  const turns = inTurn(withResults(start === -1 ? [] : said.slice(start)));
  if (head.length === 0) return turns;
  return [{ role: 'system', content: joined(head.map(({ content }) => content)) }, ...turns];
}

function isEmpty(message: PromptMessage): boolean {
  if (message.role === 'tool') return false;
  const calls = message.role === 'assistant' ? (message.calls ?? []) : [];
  return calls.length === 0 && message.content.trim() === '';
}

/** Every call with its result right after it; neither goes anywhere without the other. */
function withResults(messages: readonly PromptMessage[]): PromptMessage[] {
  const taken = new Set<PromptMessage>();
  const resultOf = (id: string, from: number): Result | undefined => {
    const result = messages
      .slice(from)
      .find((one): one is Result => one.role === 'tool' && one.callId === id && !taken.has(one));
    if (result !== undefined) taken.add(result);
    return result;
  };
  return messages.flatMap((message, at): PromptMessage[] => {
    if (message.role === 'tool') return [];
    if (message.role !== 'assistant' || message.calls === undefined) return [message];
    const pairs = message.calls.flatMap((call) => {
      const result = resultOf(call.id, at);
      return result === undefined ? [] : [{ call, result }];
    });
    const answer = { ...message, calls: pairs.map(({ call }) => call) };
    return isEmpty(answer) ? [] : [answer, ...pairs.map(({ result }) => filled(result))];
  });
}

function filled(result: Result): Result {
  return result.content.trim() === '' ? { ...result, content: NOTHING } : result;
}

function inTurn(messages: readonly PromptMessage[]): PromptMessage[] {
  const turns: PromptMessage[] = [];
  let asides: string[] = [];
  const settle = (): void => {
    if (asides.length > 0) addAside(turns, engineWords(joined(asides)));
    asides = [];
  };
  for (const message of messages) {
    if (message.role === 'system') asides.push(message.content);
    else if (message.role === 'tool') turns.push(message);
    else if (message.role === 'assistant') {
      settle();
      addAnswer(turns, message);
    } else {
      const before = asides.length === 0 ? [] : [engineWords(joined(asides))];
      asides = [];
      addSpoken(turns, joined([...before, message.content]));
    }
  }
  settle();
  if (turns.length === 0 || turns.at(-1)?.role === 'assistant') turns.push({ role: 'user', content: GO_ON });
  return turns;
}

/** Waymark's words with nobody's after them stand at the end of what was said or returned last. */
function addAside(turns: PromptMessage[], text: string): void {
  const last = turns.at(-1);
  if (last?.role !== 'tool') addSpoken(turns, text);
  else turns[turns.length - 1] = { ...last, content: joined([last.content, text]) };
}

function addSpoken(turns: PromptMessage[], text: string): void {
  const last = turns.at(-1);
  if (last?.role === 'user') {
    turns[turns.length - 1] = { ...last, content: joined([last.content, text]) };
    return;
  }
  if (last?.role === 'tool') turns.push({ role: 'assistant', content: BRIDGE });
  turns.push({ role: 'user', content: text });
}

function addAnswer(turns: PromptMessage[], answer: Answer): void {
  const last = turns.at(-1);
  if (last?.role === 'assistant') {
    const content = joined([last.content, answer.content].filter((text) => text.trim() !== ''));
    turns[turns.length - 1] = { ...answer, content };
    return;
  }
  if (last === undefined) turns.push({ role: 'user', content: BEFORE });
  turns.push(answer);
}

function joined(texts: readonly string[]): string {
  return texts.join('\n\n');
}
