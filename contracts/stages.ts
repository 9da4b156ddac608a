import type { Absence } from './absence.ts';
import type { AgentDescription } from './agent.ts';
import type { Account } from './budget.ts';
import type { IdleAnswer } from './idle-answer.ts';
import type { TaskRef } from './ids.ts';
import type { Occasion } from './judgement.ts';
import type { TakenMessage } from './messages.ts';
import type { IsoTime, Json } from './json.ts';
import type { Usage } from './language-model.ts';
import type { Drop, NewMemory } from './memory.ts';
import type { ModelRoute } from './model-route.ts';
import type { JoinableStageName, LoopPolicy, LoopPolicyOverride } from './policy.ts';
import type { Subgoal } from './plan.ts';
import type { ContextSection, SectionName } from './projection.ts';
import type { TaskRecord } from './task-record.ts';
import type { Question } from './requests.ts';
import type { NotifyInput } from './notices.ts';
import type { RecallDecisionsInput, RememberedDecision } from './remembered-approvals.ts';
import type { PlanItem, TaskStatus } from './task.ts';
import type { InputSource, LoopFinding, TranscriptEntry, Verdict } from './transcript.ts';
import type { UnfinishedAnswer } from './unfinished.ts';

/**
 * What goes into each stage and what comes out. Inputs of regular stages refer to texts by sequence number, because an
 * activity's input is written to the history; the input of a local stage is not, so `captureInput`, which carries
 * texts, begins as a local one whatever is set, and so does `updateMemory`. Results are small, plain JSON, and each text stands in exactly one of them.
 */
export interface DescribeAgentInput {
  readonly task: TaskRef;
  readonly agent: string;
  /** Only in a task's first run: checked, and opened. */
  readonly opening?: { readonly input: Json };
  readonly policy?: LoopPolicyOverride;
}

export interface RefreshAgentInput {
  readonly task: TaskRef;
  readonly agent: string;
  readonly policy?: LoopPolicyOverride;
  /** The print of the description that the run has. */
  readonly known?: string;
}

/** Nothing where the agent is as it was. */
export interface RefreshedAgent {
  readonly description?: Omit<AgentDescription, 'ledger'>;
}

export interface CaptureInput {
  readonly task: TaskRef;
  readonly agent: string;
  readonly turn: number;
  readonly entries: readonly EntryToCapture[];
}

/** An entry and where its text has its place in the history; `prefix` is what the workflow put before that text. */
export interface EntryToCapture {
  readonly source: InputSource;
  readonly prefix: string;
  readonly entry: TranscriptEntry;
}

/**
 * What was captured. Where the text came with the start or a message, the entry's text is the prefix alone: the rest
 * stands in that event, and the entry is rebuilt from both.
 */
export interface Captured {
  readonly captured: readonly { readonly source: InputSource; readonly entry: TranscriptEntry }[];
}

/** The slice of the transcript a prompt is made from. */
export interface Window {
  /** First entry of the recent window. */
  readonly from: number;
  /** Last entry. */
  readonly to: number;
  readonly summary?: TranscriptSummary;
}

/** The rolling summary: the entry that holds it, and the last one that it tells. The window may begin before that. */
export interface TranscriptSummary {
  readonly seq: number;
  readonly upTo: number;
}

export interface AssembleContextInput extends Asking {
  readonly task: TaskRef;
  readonly agent: string;
  readonly turn: number;
  readonly contextId: string;
  readonly window: Window;
  readonly record: TaskRecord;
  /** What the task still waits for while it goes on. */
  readonly questions: readonly Question[];
  /** Entries that are not shown. */
  readonly leftOut?: readonly number[];
  readonly policy: Pick<LoopPolicy, 'context' | 'recall' | 'window'> &
    Partial<Pick<LoopPolicy, 'plainAnswer' | 'ownTools'>>;
  /** Tools that this run has been offered before, where not all are shown at a time. */
  readonly offered?: readonly string[];
  /** What the tokenizer's counts are multiplied by, after what the server has counted. Default: 1. */
  readonly tokenFactor?: number;
  /** From which the task has just come back. */
  readonly absence?: Absence;
  /** 1, or less after the model said that the prompt was too long: budgets are multiplied by it. */
  readonly shrink: number;
}

export interface ContextSummary {
  readonly contextId: string;
  readonly tokens: number;
  readonly sections: readonly ContextSection[];
  readonly memories: readonly { readonly id: string; readonly score: number }[];
  /** Tools that it offers, where not all are shown at a time and others were before. */
  readonly offered?: readonly string[];
  /** Where the window has slid: the first entry it shows from now on. */
  readonly windowFrom?: number;
  /** Where it is full of what is in no summary: the first entry that the summary, once made, need not tell. */
  readonly summarizeBefore?: number;
}

/**
 * A stage that is started again, after an interruption or a repair, counts its attempts from 1. `round` grows with
 * every start within a run, so that what an earlier start still writes never replaces what a later one wrote.
 */
export interface Fenced {
  readonly round: number;
}

/** Which model is asked, and at whose cost. */
export interface Asking {
  readonly route: ModelRoute;
  readonly account: Account;
}

/** A stage that asks a model without a context; the others find both with the context, and not in their input. */
export interface Thinking extends Fenced, Asking {}

export interface InferNextActionInput extends Fenced {
  readonly task: TaskRef;
  readonly agent: string;
  readonly turn: number;
  /** Sequence number of the entry the answer becomes. */
  readonly seq: number;
  readonly contextId: string;
  readonly subject?: string;
  /** The stages that run first, in the same activity. Without them the context has been assembled before. */
  readonly joined?: JoinedStages;
}

/**
 * Words that a call refers to by their fingerprint. They come along until a call with them has ended well: so they stand in
 * the history once each time they change, and not once a turn. Who does not find them says `ContextMissing`.
 */
export interface Briefing<Words> {
  readonly print: string;
  readonly words?: Words;
}

/** What stages are told of a task, but for what changes every turn. */
export interface TaskWords {
  readonly record: Omit<TaskRecord, keyof TurnFacts>;
  readonly questions: readonly Question[];
  readonly leftOut?: readonly number[];
  readonly offered?: readonly string[];
}
export type TurnFacts = Pick<TaskRecord, 'turn' | 'spentTokens' | 'updatedAt'>;
export type PolicyWords = Pick<AssembleContextInput, 'policy' | 'route'>;

/** The inputs of joined stages, without what they share with each other and with the call of the model. */
export interface JoinedStages {
  readonly task: Briefing<TaskWords>;
  readonly policy: Briefing<PolicyWords>;
  readonly facts: TurnFacts;
  /** Of the turn before. */
  readonly recordObservation?: Pick<RecordObservationInput, 'turn' | 'range' | 'seq'>;
  readonly assembleContext: Pick<AssembleContextInput, 'window' | 'account' | 'absence' | 'tokenFactor' | 'shrink'>;
}

/** What joined stages came to. */
export interface JoinedResults {
  readonly recordObservation?: RecordedObservation;
  readonly assembleContext: ContextSummary;
  /** Milliseconds that each took. */
  readonly took: Readonly<Partial<Record<JoinableStageName, number>>>;
}

/** An answer of the model; or none, where the assembled context asks for a summary first. */
export type Inference =
  | (InferredAction & { readonly joined?: JoinedResults })
  | { readonly joined: JoinedResults; readonly entry?: undefined };

export interface InferredAction {
  /** The assistant's message with its calls: their one place in the history. */
  readonly entry: Extract<TranscriptEntry, { kind: 'assistant' }>;
  readonly usage: Usage;
  readonly finishReason: string;
  readonly model: string;
  /** The section at which the prompt departs from the one before: what a provider's cache keeps ends there. */
  readonly brokeAt?: SectionName;
  /** What was wrong with it, where it called nothing. */
  readonly idle?: IdleAnswer;
  /** Where the answer did not end well: its calls are there to be told of, and none is made. */
  readonly unfinished?: UnfinishedAnswer;
}

export interface ExecuteToolInput extends Fenced {
  readonly task: TaskRef;
  readonly agent: string;
  readonly turn: number;
  readonly callId: string;
  readonly name: string;
  /** Where the call and its arguments stand. */
  readonly assistantSeq: number;
  /** Sequence number of the entry the outcome becomes. */
  readonly seq: number;
  readonly resultBytes: number;
  readonly subject?: string;
  /** Tells this task from an earlier one of the same id. */
  readonly taskStartedAt: IsoTime;
  /** Where the last step ended, of a tool that works in steps. */
  readonly cursor?: Json;
  /** The claim ledger as this run found it. */
  readonly ledger?: string;
  /** The entry with the arguments that a person has put in the place of the agent's. */
  readonly decisionSeq?: number;
  /** This call was started before in this run, and may have acted. */
  readonly again?: true;
}

export interface ExecutedTool {
  readonly entry: Extract<TranscriptEntry, { kind: 'tool' }>;
}

export interface RecordObservationInput extends Fenced {
  readonly task: TaskRef;
  readonly turn: number;
  /** The turn's entries: the assistant's message to the last tool outcome. */
  readonly range: { readonly from: number; readonly to: number };
  /** Sequence number of the entry the observation becomes. */
  readonly seq: number;
  readonly record: TaskRecord;
  /** Where the turn is what the agent says to the person. */
  readonly reply?: { readonly channel?: string };
  /** A loop that the turn has gone round in. */
  readonly loop?: { readonly finding: LoopFinding; readonly step: 'tell' | 'ask' | 'block' };
}

export interface RecordedObservation {
  readonly entry: Extract<TranscriptEntry, { kind: 'observation' }>;
}

/** What a turn has brought, for a model to find in it what is worth remembering. */
export interface ExtractMemoriesInput extends Thinking {
  readonly task: TaskRef;
  readonly agent: string;
  readonly turn: number;
  /** The entries that memory has not read yet. */
  readonly range: { readonly from: number; readonly to: number };
  readonly subject?: string;
  /** Tells this task from an earlier one of the same id. */
  readonly taskStartedAt: IsoTime;
  /** Which of the readings that the entries take, from 1. Default: the first. */
  readonly reading?: number;
}

/** What a model found, frozen before it is written: a write that is tried again is the same write. */
export interface ExtractedMemories {
  readonly memories: readonly NewMemory[];
  readonly discarded: readonly { readonly item: string; readonly reason: string }[];
  /** How many readings the entries take: one call of the model each. */
  readonly readings: number;
  /** What is beyond the readings that the policy allows; told by the first. */
  readonly unread: readonly Drop[];
  readonly usage: Usage;
}

/** Carries what was extracted, so this stage always runs as a local activity. */
export interface UpdateMemoryInput {
  readonly task: TaskRef;
  readonly turn: number;
  /** The entries that memory has not read yet. */
  readonly range: { readonly from: number; readonly to: number };
  readonly observationSeq: number;
  readonly record: TaskRecord;
  /** Absent where no model was asked. */
  readonly extraction?: Pick<ExtractedMemories, 'memories' | 'discarded' | 'unread'>;
  /** Why the model that was asked gave nothing, or nothing more; rules take its place. */
  readonly extractionFailure?: string;
}

export interface MemoryUpdate {
  readonly written: readonly string[];
  readonly replaced: readonly string[];
  readonly discarded: readonly { readonly text: string; readonly reason: string }[];
}

export interface SummarizeTranscriptInput extends Thinking {
  readonly task: TaskRef;
  readonly agent: string;
  readonly turn: number;
  readonly range: { readonly from: number; readonly to: number };
  readonly previousSummarySeq?: number;
  readonly seq: number;
  /** Entries that are not told. */
  readonly leftOut?: readonly number[];
  /** Tokens that the section of the summary may take. */
  readonly budget: number;
  /** Open questions, by the calls that asked them and the entries where those stand. */
  readonly questions: readonly { readonly id: string; readonly callId: string; readonly seq: number }[];
  readonly plan: readonly Pick<PlanItem, 'id' | 'status'>[];
}

export interface SummarizedTranscript {
  readonly entry: Extract<TranscriptEntry, { kind: 'summary' }>;
  readonly usage: Usage;
}

/** Why a plan is made: there is none, a step goes on failing, something new has come, or no step can begin. */
export const planReasons = ['start', 'failure', 'news', 'stuck'] as const;
export type PlanReason = (typeof planReasons)[number];

export interface PlanInput extends Fenced {
  readonly task: TaskRef;
  readonly agent: string;
  readonly turn: number;
  readonly contextId: string;
  readonly reason: PlanReason;
  /** Ids of the steps that are over. */
  readonly over: readonly string[];
}

export interface Planned {
  readonly subgoals: readonly Subgoal[];
  readonly usage: Usage;
}

/** What is judged, by reference. */
export interface JudgeInput extends Fenced {
  readonly task: TaskRef;
  readonly agent: string;
  readonly turn: number;
  /** Sequence number of the entry the judgement becomes. */
  readonly seq: number;
  readonly occasion: Occasion;
  readonly range: { readonly from: number; readonly to: number };
  readonly plan: readonly Pick<PlanItem, 'id' | 'status'>[];
  /** Where a finish was handed in: its call. */
  readonly finish?: { readonly assistantSeq: number; readonly callId: string };
}

export interface CritiqueInput extends JudgeInput {
  readonly contextId: string;
  /** Instead of Waymark's own words, unless empty. */
  readonly instructions: string;
}

export interface EvaluateInput extends JudgeInput {
  readonly evaluator: string;
}

export interface Judged {
  readonly entry: Extract<TranscriptEntry, { kind: 'note' }> & { readonly verdict: Verdict };
  readonly usage?: Usage;
}

export interface ProjectTaskInput {
  readonly task: TaskRef;
  readonly record: TaskRecord;
  readonly status: TaskStatus;
  /** Messages that were refused, and whose senders could not be told; watchers are. */
  readonly refused?: readonly TakenMessage[];
  /** Only when the task has ended. */
  readonly result?: Json;
}

/** The stages, and what else a workflow needs of the world, as it calls them. */
export interface Stages {
  readonly describeAgent: (input: DescribeAgentInput) => Promise<AgentDescription>;
  /** Fetches an agent again in mid-run, after an absence. */
  readonly refreshAgent: (input: RefreshAgentInput) => Promise<RefreshedAgent>;
  readonly captureInput: (input: CaptureInput) => Promise<Captured>;
  readonly assembleContext: (input: AssembleContextInput) => Promise<ContextSummary>;
  readonly inferNextAction: (input: InferNextActionInput) => Promise<Inference>;
  readonly executeTool: (input: ExecuteToolInput) => Promise<ExecutedTool>;
  readonly recordObservation: (input: RecordObservationInput) => Promise<RecordedObservation>;
  readonly extractMemories: (input: ExtractMemoriesInput) => Promise<ExtractedMemories>;
  readonly updateMemory: (input: UpdateMemoryInput) => Promise<MemoryUpdate>;
  readonly summarizeTranscript: (input: SummarizeTranscriptInput) => Promise<SummarizedTranscript>;
  readonly plan: (input: PlanInput) => Promise<Planned>;
  readonly critique: (input: CritiqueInput) => Promise<Judged>;
  readonly evaluate: (input: EvaluateInput) => Promise<Judged>;
  readonly projectTask: (input: ProjectTaskInput) => Promise<void>;
  /** Returns once Redis takes a write again. */
  readonly awaitMemory: (input: { readonly task: TaskRef }) => Promise<void>;
  /** Asks Temporal to cancel the task: a workflow cannot do so for itself. */
  /** Tells somebody of a request, unless it is open no more. */
  readonly notify: (input: NotifyInput) => Promise<void>;
  /** Remembered decisions that hold for calls of a tool, the newest last. */
  readonly recallDecisions: (input: RecallDecisionsInput) => Promise<readonly RememberedDecision[]>;
  readonly rememberDecision: (input: {
    readonly task: TaskRef;
    readonly decision: RememberedDecision;
  }) => Promise<void>;
  readonly requestCancellation: (input: { readonly task: TaskRef }) => Promise<void>;
}
