import type { Agent } from '../agents/define-agent.ts';
import type { AnswerUrl } from '../contracts/answer-links.ts';
import type { BudgetLedger, TenantBudget } from '../contracts/budget.ts';
import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import type { DocumentStore } from '../contracts/documents.ts';
import type { LanguageModel, NamedModels } from '../contracts/language-model.ts';
import type { Mask } from '../contracts/masking.ts';
import type { Meter } from '../contracts/metrics.ts';
import type { MemoryStore } from '../contracts/memory-store.ts';
import type { Notifier } from '../contracts/notices.ts';
import type {
  ArtifactStore,
  BriefingStore,
  ContextStore,
  EventLog,
  MemoryEndings,
  TranscriptStore,
} from '../contracts/projection.ts';
import type { TaskRef } from '../contracts/ids.ts';
import type { TaskRecords } from '../contracts/task-record.ts';
import type { TranscriptEntry } from '../contracts/transcript.ts';
import type { PastCall, UndoableCall } from '../contracts/undo.ts';
import type { ClaimLedger } from '../tools/claims.ts';
import type { Tool } from '../tools/define-tool.ts';
import type { ToolGate } from '../tools/tool-gate.ts';
import type { ToolSources } from '../tools/tool-source.ts';
import type { SecretSource } from './acting/secret-references.ts';

/** What the stages work with; the worker builds it and closes it over. */
export interface StageDependencies {
  readonly agents: ReadonlyMap<string, Agent>;
  readonly model: LanguageModel;
  /** Other models, by the names by which a policy calls them. */
  readonly models: NamedModels;
  readonly embedder: EmbeddingModel;
  readonly memories: MemoryStore;
  readonly documents: DocumentStore;
  readonly records: TaskRecords;
  readonly transcripts: TranscriptStore;
  readonly contexts: ContextStore;
  readonly briefings: BriefingStore;
  readonly artifacts: ArtifactStore;
  readonly events: EventLog;
  readonly endings: MemoryEndings;
  readonly claims: ClaimLedger;
  /** Holds tools to their limits over all workers. */
  readonly gate: ToolGate;
  readonly ledger: BudgetLedger;
  /** By tenant; a tenant that is not here may spend what its tasks may. */
  readonly tenantBudgets: Readonly<Record<string, TenantBudget>>;
  /** Tools every agent has beside its own. */
  readonly commonTools: readonly Tool[];
  /** Opens the sources of tools that agents name. */
  readonly sources: ToolSources;
  /** The task as its workflow history tells it. */
  readonly history: TaskHistory;
  /** What is written instead of secrets in the arguments and results of tools. */
  readonly mask: Mask;
  /** The values behind `secret://NAME`. */
  readonly secrets: SecretSource;
  /** By which people are told of what waits for them. */
  readonly notifiers: readonly Notifier[];
  /** Where what they are told of is answered; absent where there are no links. */
  readonly answerUrl?: AnswerUrl;
  /** Takes numbers about calls of models. Default: none are taken. */
  readonly meter?: Meter;
  /** Whether the namespace has Waymark's search attributes. */
  readonly searchAttributes: boolean;
}

/** Reads what a task did from its workflow history. */
export interface TaskHistory {
  read(task: TaskRef): Promise<readonly TranscriptEntry[]>;
  /** Its calls of tools, oldest first. @throws ApplicationFailure `Refused` while the task is open, or where there is none */
  calls(task: TaskRef): Promise<readonly PastCall[]>;
  /** What a run that undid something of the task came to. */
  undone(task: TaskRef, runId: string): Promise<readonly UndoableCall[]>;
}
