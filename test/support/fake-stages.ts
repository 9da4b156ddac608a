import { ApplicationFailure } from '@temporalio/common';
import type { AgentDescription, ToolDescription } from '../../contracts/agent.ts';
import type { LoopPolicyOverride } from '../../contracts/policy.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import { resolveMemoryPolicy } from '../../contracts/memory-policy.ts';
import { resolvePolicy } from '../../contracts/policy.ts';
import type {
  AssembleContextInput,
  Briefing,
  ExecuteToolInput,
  InferNextActionInput,
  Inference,
  InferredAction,
  JoinedResults,
  PolicyWords,
  Stages,
  TaskWords,
} from '../../contracts/stages.ts';
import type { ToolOutcome, TranscriptCall, TranscriptEntry } from '../../contracts/transcript.ts';

/** What the fake model answers: calls, or a text alone. */
export interface FakeAnswer {
  readonly text?: string;
  readonly calls?: readonly FakeCall[];
  readonly tokens?: number;
}
export type FakeCall = readonly [name: string, args: object, problem?: string];
export type Infer = FakeAnswer | Error | ((input: InferNextActionInput) => Promise<FakeAnswer>);
export type FakeTool = (input: ExecuteToolInput) => Promise<string | ToolOutcome>;

export interface FakeStagesOptions {
  /** One answer a model call; one call more than there are answers throws. */
  readonly model: readonly Infer[];
  readonly tools?: Readonly<Record<string, FakeTool>>;
  readonly toolSettings?: Readonly<Record<string, Partial<ToolDescription>>>;
  readonly policy?: LoopPolicyOverride;
  readonly description?: Partial<AgentDescription>;
  /** Takes the place of a stage; the stage itself is given to be called. */
  readonly replace?: (stages: Stages) => Partial<Stages>;
}

export interface FakeStages {
  readonly stages: Stages;
  /** Names of the stages called, oldest first. */
  readonly called: string[];
  /** What every stage has brought into the transcript, by sequence number. */
  readonly transcript: Map<number, TranscriptEntry>;
  readonly inputs: { readonly [Name in keyof Stages]: Parameters<Stages[Name]>[0][] };
}

const USAGE = 10;

/** Stages that need neither Redis nor a model. What a test did not provide for throws. */
export function createFakeStages(options: FakeStagesOptions): FakeStages {
  const called: string[] = [];
  const transcript = new Map<number, TranscriptEntry>();
  const inputs: FakeStages['inputs'] = {
    describeAgent: [],
    refreshAgent: [],
    captureInput: [],
    assembleContext: [],
    inferNextAction: [],
    executeTool: [],
    recordObservation: [],
    extractMemories: [],
    updateMemory: [],
    summarizeTranscript: [],
    plan: [],
    critique: [],
    evaluate: [],
    projectTask: [],
    awaitMemory: [],
    notify: [],
    recallDecisions: [],
    rememberDecision: [],
    requestCancellation: [],
  };
  const keep = <Entry extends TranscriptEntry>(entry: Entry): Entry => {
    transcript.set(entry.seq, entry);
    return entry;
  };
  const { model, tools = {} } = options;
  const plain: Stages = {
    describeAgent: async () => descriptionOf(options),
    refreshAgent: async () => ({}),
    captureInput: async ({ entries }) => {
      for (const { entry } of entries) keep(entry);
      return { captured: entries.map(({ source, entry }) => ({ source, entry })) };
    },
    assembleContext: async ({ contextId }) => ({ contextId, tokens: 1, sections: [], memories: [] }),
    inferNextAction: async (input) => {
      const answer = model[inputs.inferNextAction.length - 1];
      if (answer === undefined) throw unexpected(`model call ${inputs.inferNextAction.length}`);
      if (answer instanceof Error) throw answer;
      return inferredFrom(input, typeof answer === 'function' ? await answer(input) : answer, keep);
    },
    executeTool: async (input) => {
      const { seq, turn, callId, name } = input;
      const tool = tools[name];
      if (tool === undefined) throw unexpected(`call of ${name}`);
      const result = await tool(input);
      const outcome: ToolOutcome = typeof result === 'string' ? { status: 'ok', text: result } : result;
      return { entry: keep({ kind: 'tool', seq, at: at(), turn, callId, name, outcome }) };
    },
    recordObservation: async ({ seq, turn }) => {
      const observation = { turn, summary: `turn ${turn}`, markers: [], failedStrategies: [], learned: [] };
      return { entry: keep({ kind: 'observation', seq, at: at(), turn, observation }) };
    },
    extractMemories: async () => {
      throw unexpected('extraction');
    },
    updateMemory: async () => ({ written: [], replaced: [], discarded: [] }),
    summarizeTranscript: async () => {
      throw unexpected('summary');
    },
    plan: async () => {
      throw unexpected('plan');
    },
    critique: async () => {
      throw unexpected('critique');
    },
    evaluate: async () => {
      throw unexpected('evaluation');
    },
    projectTask: async () => undefined,
    awaitMemory: async () => undefined,
    notify: async () => undefined,
    recallDecisions: async () => [],
    rememberDecision: async () => {
      throw unexpected('decision to be remembered');
    },
    requestCancellation: async () => {
      throw unexpected('request to cancel');
    },
  };
  const used: Stages = { ...plain, ...options.replace?.(plain) };
  const watch = <Input, Output>(name: keyof Stages, seen: Input[], stage: (input: Input) => Promise<Output>) => {
    return async (input: Input): Promise<Output> => {
      called.push(name);
      seen.push(input);
      return stage(input);
    };
  };
  const stages: Stages = {
    describeAgent: watch('describeAgent', inputs.describeAgent, used.describeAgent),
    refreshAgent: watch('refreshAgent', inputs.refreshAgent, used.refreshAgent),
    captureInput: watch('captureInput', inputs.captureInput, used.captureInput),
    assembleContext: watch('assembleContext', inputs.assembleContext, used.assembleContext),
    inferNextAction: async (input) =>
      inferJoined(input, stages, watch('inferNextAction', inputs.inferNextAction, used.inferNextAction)),
    executeTool: watch('executeTool', inputs.executeTool, used.executeTool),
    recordObservation: watch('recordObservation', inputs.recordObservation, used.recordObservation),
    extractMemories: watch('extractMemories', inputs.extractMemories, used.extractMemories),
    updateMemory: watch('updateMemory', inputs.updateMemory, used.updateMemory),
    summarizeTranscript: watch('summarizeTranscript', inputs.summarizeTranscript, used.summarizeTranscript),
    plan: watch('plan', inputs.plan, used.plan),
    critique: watch('critique', inputs.critique, used.critique),
    evaluate: watch('evaluate', inputs.evaluate, used.evaluate),
    projectTask: watch('projectTask', inputs.projectTask, used.projectTask),
    awaitMemory: watch('awaitMemory', inputs.awaitMemory, used.awaitMemory),
    notify: watch('notify', inputs.notify, used.notify),
    recallDecisions: watch('recallDecisions', inputs.recallDecisions, used.recallDecisions),
    rememberDecision: watch('rememberDecision', inputs.rememberDecision, used.rememberDecision),
    requestCancellation: watch('requestCancellation', inputs.requestCancellation, used.requestCancellation),
  };
  return { stages, called, transcript, inputs };
}

/** What the fake was told under a fingerprint, by task. */
const told = new Map<string, object>();

function wordsOf<Words extends object>({ task }: InferNextActionInput, { print, words }: Briefing<Words>): Words {
  const key = `${task.taskId} ${print}`;
  if (words !== undefined) told.set(key, words);
  const known = told.get(key);
  // Another process was told.
  if (known === undefined) throw failure(FailureType.ContextMissing, { message: `briefing ${print}` });
  return known as Words;
}

/** Runs joined stages by themselves, so that a test sees them called like any other. */
async function inferJoined(
  input: InferNextActionInput,
  stages: Stages,
  infer: (input: InferNextActionInput) => Promise<Inference>,
): Promise<Inference> {
  const { joined: asked } = input;
  if (asked === undefined) return infer(input);
  const { task, agent, turn, contextId, round } = input;
  const { record: stable, questions } = wordsOf<TaskWords>(input, asked.task);
  const record = { ...stable, ...asked.facts };
  const observed =
    asked.recordObservation && (await stages.recordObservation({ ...asked.recordObservation, task, record, round }));
  const policy = wordsOf<PolicyWords>(input, asked.policy);
  const assembling: AssembleContextInput = {
    task,
    agent,
    turn,
    contextId,
    record,
    questions,
    ...policy,
    ...asked.assembleContext,
  };
  const joined: JoinedResults = {
    ...(observed === undefined ? {} : { recordObservation: observed }),
    assembleContext: await stages.assembleContext(assembling),
    took: {},
  };
  if (joined.assembleContext.summarizeBefore !== undefined) return { joined };
  const { joined: _asked, ...alone } = input;
  return { ...(await infer(alone)), joined };
}

function descriptionOf({ policy, description, tools = {}, toolSettings = {} }: FakeStagesOptions): AgentDescription {
  return {
    agent: 'fake',
    goal: 'reach the end',
    plan: [],
    tools: Object.keys(tools).map((name) => ({ ...PLAIN_TOOL, name, ...toolSettings[name] })),
    evaluators: [],
    policy: resolvePolicy(policy),
    memory: resolveMemoryPolicy({ extraction: { when: 'never' } }),
    searchAttributes: false,
    ...description,
  };
}

const PLAIN_TOOL: ToolDescription = {
  name: '',
  effect: 'read',
  approval: 'never',
  timeoutMs: 60_000,
  attempts: 1,
  whenBroken: 'tell',
};

function inferredFrom(
  { seq, turn }: InferNextActionInput,
  { text = '', calls = [], tokens = USAGE }: FakeAnswer,
  keep: (entry: InferredAction['entry']) => InferredAction['entry'],
): InferredAction {
  const named = calls.map(([name, args, problem], index): TranscriptCall => {
    const call = { id: `t${turn}c${index + 1}`, name, arguments: JSON.stringify(args) };
    return problem === undefined ? call : { ...call, problem };
  });
  return {
    entry: keep({ kind: 'assistant', seq, at: at(), turn, text, calls: named }),
    usage: { promptTokens: tokens, completionTokens: 1 },
    finishReason: named.length === 0 ? 'stop' : 'tool_calls',
    model: 'fake',
  };
}

function at(): string {
  return new Date().toISOString();
}

/** Not retried: the task is blocked at once, and says so. */
function unexpected(what: string): Error {
  return ApplicationFailure.nonRetryable(`the test did not expect this ${what}`, 'Unexpected');
}

/** Ends the task with success. */
export const FINISH: FakeAnswer = { calls: [['finish', { outcome: 'success', result: 'done' }]] };
