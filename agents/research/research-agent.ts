import { z } from 'zod';
import type { ScopeRef } from '../../contracts/memory.ts';
import { defineAgent, type Agent } from '../define-agent.ts';
import { citationSchema, problemsWith } from './citations.ts';
import { createIngestDocuments } from './ingest-documents.ts';
import { researchInstructions } from './instructions.ts';
import { createKeepFinding } from './keep-finding.ts';
import { createSearchKnowledge } from './search-knowledge.ts';

const questionSchema = z.object({
  question: z.string().trim().min(3).max(2_000),
  /** Who is asked when something is unclear. */
  contact: z.string().max(200).optional(),
});

const answerSchema = z.object({
  answer: z.string().min(1).describe('Each statement ends with the number of its citation, e.g. [1]'),
  citations: z.array(citationSchema).max(50),
  /** What could not be answered, and why. */
  open: z.array(z.string()).default([]),
});

/** What starts a research, and what it gives. */
export type ResearchInput = z.input<typeof questionSchema>;
export type ResearchResult = z.output<typeof answerSchema>;

export interface ResearchOptions {
  /** The only folder whose files the agent reads: Markdown, text, HTML and PDF. */
  readonly folder: string;
  /** Whose memories passages and findings become: all tasks of this agent, or everybody's. Default: the agent's. */
  readonly share?: 'agent' | 'everybody';
}

/** The agent that answers questions from documents and memories, and proves what it says. */
export function createResearchAgent({
  folder,
  share = 'agent',
}: ResearchOptions): Agent<ResearchInput, z.input<typeof answerSchema>> {
  const scopeOf = ({ agent }: { readonly agent: string }): ScopeRef =>
    share === 'agent' ? { scope: 'agent', id: agent } : { scope: 'global', id: 'all' };
  return defineAgent({
    name: 'research',
    description: 'Answers questions from a folder of documents and from memory, with citations that were checked.',
    instructions: researchInstructions,
    input: questionSchema,
    output: answerSchema,
    memory: { writes: { scopes: share === 'agent' ? ['agent', 'task', 'team'] : ['global', 'agent', 'task', 'team'] } },
    goal: ({ question, contact }) =>
      `Answer: ${JSON.stringify(question)}${contact === undefined ? '' : ` Contact: ${contact}.`}`,
    plan: () => [
      { id: 'ingest', title: 'Take the documents in' },
      { id: 'search', title: 'Search for evidence' },
      { id: 'answer', title: 'Answer with citations' },
    ],
    tools: [createIngestDocuments({ folder, scopeOf }), createSearchKnowledge(), createKeepFinding({ scopeOf })],
    checkResult: async ({ answer, citations }, { memory }) => {
      const problems = [...markProblems(answer, citations.length), ...(await problemsWith(citations, memory))];
      return problems.length === 0 ? undefined : `${problems.join(' ')} Correct the result and finish again.`;
    },
  });
}

/** Marks without a citation, and citations without a mark. */
function markProblems(answer: string, citations: number): string[] {
  const marks = new Set([...answer.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number)));
  const dangling = [...marks].filter((number) => number < 1 || number > citations);
  const unused = Array.from({ length: citations }, (_, index) => index + 1).filter((number) => !marks.has(number));
  return [
    ...(dangling.length === 0 ? [] : [`The answer refers to [${dangling.join('], [')}], which is no citation.`]),
    ...(unused.length === 0 ? [] : [`The answer nowhere refers to [${unused.join('], [')}].`]),
  ];
}
