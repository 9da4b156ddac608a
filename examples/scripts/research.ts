import type { ScriptedCompletion, ScriptedRequest } from '../../models/scripted/index.ts';
import {
  asRecords,
  asText,
  isSettled,
  lastCall,
  objectIn,
  plainResult,
  readConversation,
  type Conversation,
} from './conversation.ts';
import { call, turn, updatePlan } from './turn.ts';

/** A part of the question with the passage and the sentence that answer it. */
interface Evidence {
  readonly part: string;
  readonly sentence: string;
  readonly citation: Readonly<Record<string, unknown>>;
}

/** What a model would do next for the research agent: search for each part, and quote the sentence that fits best. */
export function researchScript(request: ScriptedRequest): ScriptedCompletion {
  const seen = readConversation(request);
  const parts = questionParts(seen.goal);
  return ingestTurn(seen) ?? searchTurn(seen, parts) ?? answerTurn(seen, parts);
}

function questionParts(goal: string): readonly string[] {
  const quoted = /Answer: ("(?:[^"\\]|\\.)*")/.exec(goal)?.[1];
  const question: unknown = quoted === undefined ? goal : JSON.parse(quoted);
  const parts = String(question).match(/[^?]+\??/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function ingestTurn(seen: Conversation): ScriptedCompletion | undefined {
  if (isSettled(seen, 'ingest')) return undefined;
  const taken = lastCall(seen, 'ingest_documents');
  if (!taken) {
    const text = 'First I take the documents in; what has not changed since the last time is skipped.';
    return turn(text, updatePlan({ id: 'ingest', status: 'active' }), call('ingest_documents', {}));
  }
  const done = objectIn(taken.result);
  if (done.passages === undefined) return giveUp(`The documents cannot be read: ${plainResult(taken.result)}`);
  const parts = ['added', 'changed', 'unchanged', 'removed', 'unreadable'] as const;
  const files = parts.map((part) => `${Number(done[part])} ${part}`).join(', ');
  const note = `${files} files; ${Number(done.passages)} passages written`;
  const changes = updatePlan({ id: 'ingest', status: 'done', note }, { id: 'search', status: 'active' });
  return turn('The documents are in. Now I look for evidence.', changes);
}

function searchTurn(seen: Conversation, parts: readonly string[]): ScriptedCompletion | undefined {
  const missing = parts.filter((part) => !lastCall(seen, 'search_knowledge', { query: part }));
  if (missing.length > 0) {
    return turn(
      'I search for each part of the question by itself, in documents and memories.',
      ...missing.map((query) => call('search_knowledge', { query, limit: 5 })),
    );
  }
  if (isSettled(seen, 'search')) return undefined;
  const found = evidenceFor(seen, parts);
  const note = `${found.length} of ${parts.length} parts have evidence`;
  return turn(
    'I keep what I found, with its sources, and then answer.',
    updatePlan({ id: 'search', status: 'done', note }, { id: 'answer', status: 'active' }),
    ...found.map(({ part, sentence, citation }) =>
      call('keep_finding', { text: `${part} ${sentence}`, about: part.slice(0, 100), citations: [citation] }),
    ),
  );
}

function answerTurn(seen: Conversation, parts: readonly string[]): ScriptedCompletion {
  const found = evidenceFor(seen, parts);
  const open = parts.filter((part) => !found.some((evidence) => evidence.part === part));
  if (found.length === 0) return giveUp(`Nothing about it stands in the documents: ${parts.join(' ')}`);
  const answer = found.map(({ sentence }, index) => `${sentence} [${index + 1}]`).join(' ');
  const result = { answer, citations: found.map(({ citation }) => citation), open };
  const note = `${found.length} citations`;
  return turn(
    'Every statement has its citation.',
    updatePlan({ id: 'answer', status: 'done', note }),
    call('finish', { outcome: 'success', result }),
  );
}

function giveUp(reason: string): ScriptedCompletion {
  return turn(reason, call('finish', { outcome: 'failure', reason }));
}

function evidenceFor(seen: Conversation, parts: readonly string[]): Evidence[] {
  return parts.flatMap((part) => {
    const hits = asRecords(objectIn(lastCall(seen, 'search_knowledge', { query: part })?.result).hits);
    const candidates = hits
      .filter(({ kind }) => kind === 'passage')
      .flatMap((hit) => sentencesIn(String(hit.text)).map((sentence) => ({ hit, sentence })))
      .map((candidate) => ({ ...candidate, fit: fitOf(candidate.sentence, part) }));
    const best = candidates.toSorted((one, other) => other.fit - one.fit)[0];
    if (!best || best.fit === 0) return [];
    const { hit, sentence } = best;
    const { id, path, heading, lines, page } = hit;
    const citation = {
      id,
      quote: sentence,
      path: asText(path),
      heading: asText(heading),
      lines: asText(lines),
      ...(typeof page === 'number' ? { page } : {}),
    };
    return [{ part, sentence, citation }];
  });
}

/** The sentences of a passage; its headings are none. */
function sentencesIn(text: string): string[] {
  const isHeading = (line: string): boolean => line.startsWith('#') || /^[^.!?,;]{1,30}$/.test(line);
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => {
    const lines = paragraph.split('\n');
    return lines.filter((line, index) => index > 0 || !isHeading(line)).join(' ');
  });
  return paragraphs
    .flatMap((paragraph) => paragraph.split(/(?<=[.!?])\s+/))
    .map((sentence) => sentence.replaceAll(/\s+/g, ' ').trim())
    .filter((sentence) => sentence.length >= 8 && sentence.length <= 1_000);
}

/** The words of the question, by their beginnings, that stand in a sentence. */
function fitOf(sentence: string, question: string): number {
  const words = new Set(beginnings(sentence));
  return new Set(beginnings(question).filter((word) => words.has(word))).size;
}

function beginnings(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? [];
  return words.map((word) => word.slice(0, 5));
}
