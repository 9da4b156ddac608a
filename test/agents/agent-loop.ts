import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Agent } from '../../agents/define-agent.ts';
import { isControlTool, type PlanChange } from '../../contracts/control-calls.ts';
import type { ScriptedCompletion, ScriptedMessage, ScriptedRequest } from '../../models/scripted/index.ts';
import type { ToolContext } from '../../tools/define-tool.ts';
import { checkControl } from '../../tools/control-tools.ts';
import type { ToolMemory } from '../../tools/tool-memory.ts';
import { noMemory } from '../support/no-memory.ts';
import { ToolRefusal } from '../../tools/refusal.ts';

interface Asked {
  readonly question: string;
  readonly choices?: readonly string[];
}

export interface LoopOptions {
  readonly agent: Agent;
  readonly input: unknown;
  readonly script: (request: ScriptedRequest) => ScriptedCompletion;
  readonly answer?: (asked: Asked) => string;
  /** The reason of a rejection, or `undefined` to approve. */
  readonly reject?: (tool: string) => string | undefined;
  /** Whole turns that stay in the prompt. Default: all. */
  readonly window?: number;
  readonly turns?: number;
  /** What the tools and the agent's own check may look at. Default: nothing. */
  readonly memory?: ToolMemory;
  /** Said after that turn, by a person or as a note. */
  readonly says?: Readonly<Record<number, ScriptedMessage>>;
}

export interface LoopEnd {
  readonly outcome: string;
  readonly result: unknown;
  readonly reason?: string;
  readonly turns: readonly ScriptedCompletion[];
  readonly questions: readonly Asked[];
  readonly plan: readonly { readonly id: string; readonly status: string; readonly note?: string }[];
}

const marks = { open: ' ', active: '>', done: 'x', skipped: '-' } as const;

/** The loop in its simplest form: a prompt built anew each turn, calls carried out, no durability. */
export async function runLoop(options: LoopOptions): Promise<LoopEnd> {
  const { agent, script, window = 1_000, turns: limit = 40 } = options;
  const opened = agent.open(options.input);
  if (!opened.ok) throw new Error(opened.problem);
  let plan: { id: string; title: string; status: keyof typeof marks; note?: string }[] = opened.value.plan.map(
    (item) => ({ ...item, status: 'open' }),
  );
  const transcript: ScriptedMessage[][] = [];
  const turns: ScriptedCompletion[] = [];
  const questions: Asked[] = [];
  const change = ({ id, status, note, title }: PlanChange): void => {
    plan = plan.map((item) =>
      item.id === id ? { ...item, status, ...(title ? { title } : {}), ...(note === undefined ? {} : { note }) } : item,
    );
  };
  const carryOut = async (name: string, args: string): Promise<string> => {
    assertWellFormed(agent, name, args);
    if (name === 'update_plan') {
      const parsed: { changes: PlanChange[] } = JSON.parse(args);
      parsed.changes.forEach(change);
      return 'Plan updated.';
    }
    if (name === 'ask_user') {
      const asked: Asked = JSON.parse(args);
      questions.push(asked);
      return options.answer?.(asked) ?? 'No answer came before the deadline. Go on without one.';
    }
    if (name === 'wait_until') {
      const { until }: { until: string } = JSON.parse(args);
      await setTimeout(Math.max(0, Date.parse(until) - Date.now()));
    }
    if (isControlTool(name)) return 'It is time; the time has come.';
    return callTool(options, name, args);
  };
  for (let number = 1; number <= limit; number += 1) {
    const state = [
      `Goal: ${opened.value.goal}`,
      'Plan:',
      ...plan.map(({ id, title, status, note }) => `- [${marks[status]}] ${id} | ${title} | ${note ?? ''}`.trimEnd()),
    ].join('\n');
    const messages: ScriptedMessage[] = [
      { role: 'system', content: agent.instructions },
      { role: 'system', content: state },
      ...transcript.slice(-window).flat(),
    ];
    const tools = agent.tools.map(({ spec }) => spec.name);
    const request: ScriptedRequest = { messages, tools, model: 'scripted', stream: false, attempt: 1 };
    const answer = script(request);
    turns.push(answer);
    const calls = (answer.calls ?? []).map((call) => ({
      id: randomUUID(),
      function: { name: call.name, arguments: JSON.stringify(call.arguments) },
    }));
    const finish = calls.find((call) => call.function.name === 'finish');
    const results = await Promise.all(
      calls
        .filter((call) => call !== finish)
        .map(async ({ id, function: { name, arguments: args } }): Promise<ScriptedMessage> => {
          return { role: 'tool', tool_call_id: id, content: await carryOut(name, args) };
        }),
    );
    const refusal = finish && (await resultProblem(options, finish.function.arguments));
    if (finish && refusal !== undefined) {
      results.push({ role: 'tool', tool_call_id: finish.id, content: `(refused) ${refusal}` });
    } else if (finish) {
      assertWellFormed(agent, 'finish', finish.function.arguments);
      const end: { outcome: string; result: unknown; reason?: string } = JSON.parse(finish.function.arguments);
      return { ...end, turns, questions, plan };
    }
    const said = options.says?.[number];
    transcript.push([
      { role: 'assistant', content: answer.text ?? '', tool_calls: calls },
      ...results,
      ...(said ? [said] : []),
    ]);
  }
  throw new Error(`not finished after ${limit} turns: ${turns.map(({ text }) => text).join('\n')}`);
}

/** A script that misuses a control tool is wrong, and no model to be told so. */
function assertWellFormed(agent: Agent, name: string, args: string): void {
  if (!isControlTool(name)) return;
  const output = (given: unknown): string | undefined => {
    const checked = agent.checkOutput(given);
    return checked.ok ? undefined : checked.problem;
  };
  const { outputSchema, questions } = agent;
  const checked = checkControl(name, args, { outputSchema, output, questions });
  assert.ok(checked.ok, checked.ok ? '' : checked.problem);
}

/** What the agent's own check finds wrong with a result. */
async function resultProblem({ agent, memory = noMemory() }: LoopOptions, args: string): Promise<string | undefined> {
  const { outcome, result }: { outcome: string; result: unknown } = JSON.parse(args);
  if (outcome !== 'success') return undefined;
  return agent.checkResult(result, { task: toolContext().task, memory });
}

async function callTool(
  { agent, reject, memory = noMemory() }: LoopOptions,
  name: string,
  args: string,
): Promise<string> {
  const tool = agent.tools.find(({ spec }) => spec.name === name);
  if (!tool) return `There is no tool "${name}".`;
  const bound = tool.bind(args);
  if (!bound.ok) return `(refused) ${bound.problem}`;
  if (tool.description.approval === 'always') {
    const reason = reject?.(name);
    if (reason !== undefined) return `(refused) Rejected by operations@example.com: ${reason}`;
  }
  try {
    const result = await bound.run(toolContext({ memory, agent: agent.name }));
    return typeof result === 'string' ? result : JSON.stringify(result);
  } catch (error) {
    if (error instanceof ToolRefusal) return `(refused) ${error.message}`;
    return `(failed) Tool ${name} failed at attempt 1: ${String(error)}.`;
  }
}

/** What a tool is given in a test. */
export function toolContext(overrides: Partial<ToolContext> = {}): ToolContext {
  return {
    task: { tenant: 'default', taskId: 'test:1' },
    agent: 'test',
    turn: 1,
    callId: 'call_1',
    attempt: 1,
    idempotencyKey: randomUUID(),
    signal: AbortSignal.timeout(20_000),
    memory: noMemory(),
    progress: () => undefined,
    ...overrides,
  };
}

/** The names of the calls of each turn. */
export function callNames({ turns }: Pick<LoopEnd, 'turns'>): string[][] {
  return turns.map(({ calls = [] }) => calls.map(({ name }) => name));
}
