import { ApplicationFailure } from '@temporalio/common';
import type { Agent, ResultContext } from '../../agents/define-agent.ts';
import { isControlTool, readControlCall } from '../../contracts/control-calls.ts';
import { DEEPEST_JSON, depthOfJson } from '../../contracts/read-json.ts';
import { FailureType } from '../../contracts/failures.ts';
import type { RequestedCall } from '../../contracts/language-model.ts';
import type { TranscriptCall } from '../../contracts/transcript.ts';
import { checkControl } from '../../tools/control-tools.ts';
import type { CheckedControl } from '../../tools/control-tools.ts';
import { bindCall } from '../../tools/define-tool.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { maskedCallWords } from '../masking/masked-words.ts';

/** Calls of one answer that are carried out; a model that asks for more is told to ask again. */
export const MOST_CALLS = 32;

/** Most bytes of a call's arguments, which the history and every prompt after it carry; of a finish, with its result. */
const MOST_ARGUMENT_BYTES = 65_536;
const MOST_FINISH_BYTES = 262_144;
const BEGINNING = 200;
/** Characters of a name that is no tool's. */
const LONGEST_NAME = 200;

/** A call as the model asked for it, and what it is checked against. */
export interface CallToCheck {
  readonly agent: Agent;
  readonly available: readonly Tool[];
  readonly context: ResultContext;
  readonly turn: number;
  /** Its place among the calls of the answer, from 0. */
  readonly index: number;
  readonly call: RequestedCall;
  /** What is kept of arguments with secrets in them. */
  readonly masked: (text: string) => string;
}

/** Names the call for this task (`t4c1`), and checks it at the door. What its server said of it is kept, masked. */
export async function checkCall(asked: CallToCheck): Promise<TranscriptCall> {
  const given = { ...asked, call: { ...asked.call, name: asked.call.name.slice(0, LONGEST_NAME) } };
  const checked = await checkedCall(given);
  const words = maskedCallWords(given.call.words, given.masked);
  return words === undefined ? checked : { ...checked, words };
}

async function checkedCall(given: CallToCheck): Promise<TranscriptCall> {
  const { call, turn, index } = given;
  const oversized = oversizedCall(given) ?? overnestedCall(given);
  if (oversized !== undefined) return oversized;
  const read = await readCall(given);
  const text = read.ok ? read.arguments : call.arguments;
  const kept = given.masked(text);
  const named = { id: `t${turn}c${index + 1}`, name: call.name, arguments: kept };
  if (kept !== text && !isControlTool(call.name)) return { ...named, problem: secretProblem(given) };
  if (index >= MOST_CALLS) return { ...named, problem: `At most ${MOST_CALLS} calls are made a turn; ask again.` };
  if (!read.ok) return { ...named, problem: read.problem };
  const problem = call.name === 'finish' ? await resultProblem(given, text) : undefined;
  return problem === undefined ? named : { ...named, problem };
}

/** Of arguments that are too large the beginning is kept, as JSON that a provider takes; the model is told the number. */
function oversizedCall({ call, turn, index, masked }: CallToCheck): TranscriptCall | undefined {
  const bytes = Buffer.byteLength(call.arguments);
  const most = call.name === 'finish' ? MOST_FINISH_BYTES : MOST_ARGUMENT_BYTES;
  if (bytes <= most) return undefined;
  const beginning = masked(call.arguments.slice(0, BEGINNING).toWellFormed());
  return {
    id: `t${turn}c${index + 1}`,
    name: call.name,
    arguments: JSON.stringify({ cut: `${bytes} bytes`, beginning }),
    problem: `The arguments have ${bytes} bytes, and at most ${most} are taken. Nothing was called; send less at a time.`,
  };
}

/** No tool's arguments nest so deeply; what reads them step by step would run out of its stack. */
function overnestedCall({ call, turn, index }: CallToCheck): TranscriptCall | undefined {
  const depth = depthOfJson(call.arguments);
  if (depth <= DEEPEST_JSON) return undefined;
  return {
    id: `t${turn}c${index + 1}`,
    name: call.name,
    arguments: JSON.stringify({ cut: `nested ${depth} deep` }),
    problem: `The arguments are nested ${depth} deep, and at most ${DEEPEST_JSON} are taken. Nothing was called.`,
  };
}

/** What a call writes down is in the history for good, so no secret goes that way, and a masked one is of no use. */
function secretProblem({ available, call }: CallToCheck): string {
  const { secrets = [] } = available.find(({ description }) => description.name === call.name) ?? {};
  const names = secrets.map((name) => `secret://${name}`);
  const how = names.length === 0 ? 'This tool takes no secrets' : `Name the secret instead: ${names.join(', ')}`;
  return `The arguments held a secret, which was masked and not sent. ${how}; a person can set up others.`;
}

/** The arguments as the tool takes them, so that history, approvals and their rules see what it will be given. */
async function readCall({ agent, available, call }: CallToCheck): Promise<CheckedControl> {
  if (isControlTool(call.name)) {
    const output = (given: unknown): string | undefined => {
      const checked = agent.checkOutput(given);
      return checked.ok ? undefined : checked.problem;
    };
    const { outputSchema, questions } = agent;
    return checkControl(call.name, call.arguments, { outputSchema, output, questions });
  }
  const tool = available.find(({ description }) => description.name === call.name);
  if (!tool) {
    const names = available.map(({ description }) => description.name).join(', ');
    return { ok: false, problem: `There is no tool "${call.name}". There are: ${names}.` };
  }
  return bindCall(tool, call.arguments);
}

/** What the agent's own check finds wrong with a result that fits its schema. */
async function resultProblem({ agent, context }: CallToCheck, text: string): Promise<string | undefined> {
  const control = readControlCall('finish', text);
  if (control.name !== 'finish' || control.outcome !== 'success') return undefined;
  try {
    const problem = await agent.checkResult(control.result, context);
    return problem === undefined ? undefined : `Not finished: ${problem}`;
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error;
    // Each attempt would ask the model again, and the check would fail again.
    const message = `The check of the result of agent "${agent.name}" failed: ${String(error)}. Mend the agent.`;
    throw ApplicationFailure.nonRetryable(message, FailureType.ToolBackend);
  }
}
