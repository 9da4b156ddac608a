import { z } from 'zod';
import type { ToolDescription, ToolEffect, ToolRetry } from '../contracts/agent.ts';
import type { ApprovalPolicy } from '../contracts/approval-policy.ts';
import type { TaskRef } from '../contracts/ids.ts';
import { decodeArguments } from '../contracts/decode-by-schema.ts';
import type { Json, JsonSchema } from '../contracts/json.ts';
import type { ToolSpec } from '../contracts/language-model.ts';
import type { StepProgress } from '../contracts/stepped-tool.ts';
import { assertApproval } from './assert-approval.ts';
import type { Compensation, DoneCall } from './compensation.ts';
import type { ToolLimits } from './tool-gate.ts';
import type { ToolMemory } from './tool-memory.ts';

/** What a tool is given beside its input. */
export interface ToolContext {
  readonly task: TaskRef;
  readonly agent: string;
  /** Whom or what the task is about. */
  readonly subject?: string;
  readonly turn: number;
  readonly callId: string;
  /** 1 for the first try of this call. */
  readonly attempt: number;
  /** The same for every attempt of this call, and for no other call. Hand it to the backend. */
  readonly idempotencyKey: string;
  /** Aborted when the task is cancelled, the worker shuts down, or the tool's time is up. */
  readonly signal: AbortSignal;
  /** What the task may know and keep: memories and documents of its scopes. */
  readonly memory: ToolMemory;
  /** Tells how far a long call has got, in a few words; shown with the running activity. */
  readonly progress: (note: string) => void;
}

/** What a check found of a call whose outcome nobody reported. */
export type Probed =
  | { readonly kind: 'happened'; readonly result: unknown }
  | { readonly kind: 'did-not-happen' }
  | { readonly kind: 'unknown'; readonly note?: string };

export type { ToolRetry };

/** The definition a user writes. `Input` is inferred from the schema. */
export interface ToolDefinition<Schema extends z.ZodType> {
  /** Snake case, unique within an agent. */
  readonly name: string;
  /** For the model: what it does, when to use it, what it answers. */
  readonly description: string;
  readonly input: Schema;
  readonly effect: ToolEffect;
  /** Default `never`. */
  readonly approval?: ApprovalPolicy;
  /** Bound on one attempt. Default 60 seconds. */
  readonly timeoutMs?: number;
  /** Attempts while the backend is broken. Default 5. */
  readonly attempts?: number;
  /** Waits between attempts. Default: the policy's, of stage `executeTool`. */
  readonly retry?: ToolRetry;
  /** Default `tell` for `read` tools, `block` for the others. */
  readonly whenBroken?: 'tell' | 'block';
  /** Bounds over all workers: calls a minute, in flight, and when its backend is left alone. Default: none. */
  readonly limits?: ToolLimits;
  /** Where it comes from, for `waymark tools`. Default `agent`. */
  readonly from?: string;
  /** What it may reach, for `waymark tools`: `hosts: api.example.com`. Default: nothing is said. */
  readonly grants?: readonly string[];
  /**
   * Names of secrets that the model may hand to this tool as `secret://NAME`. The worker puts the value in its place when
   * the tool runs, and takes it out of what the tool answers: neither history nor model ever sees it. Default: none.
   */
  readonly secrets?: readonly string[];
  /**
   * Lines `memory: …` and `progress: …` of its results are kept as memories. Only for a tool whose every line its backend
   * wrote itself: what merely passes through it must not write itself into memory. Default false.
   */
  readonly annotates?: boolean;
  /**
   * Does it. What it returns is told to the model (a string as it is, anything else as JSON). `refuse(…)` tells the
   * model that it cannot be done; any other error means that the backend is broken, and is retried: after the error's
   * own `retryAfterMs`, where it has one. What is no text goes beside it with `withAttachments(…)`.
   */
  readonly execute: (input: z.output<Schema>, context: ToolContext) => Promise<unknown>;
  /**
   * Of a `once` tool: looks, without changing anything, whether a call with this input took effect. Asked where a worker
   * died in mid-call or the backend broke off; what it knows settles the call, and what it does not is told to the model
   * as unknown. It never makes the call be made again by itself: that is for the model to decide.
   */
  readonly probe?: (input: z.output<Schema>, context: ToolContext) => Promise<Probed>;
  /** How a completed call is undone, by `waymark undo` or a service, once its task has ended. Not of a `read` tool. */
  readonly compensate?: Compensation<Schema>;
}

/** A call whose arguments fit, ready to run; or what is wrong with them, for the model. */
export type BoundCall =
  | {
      readonly ok: true;
      /** The arguments as JSON text, decoded where they only needed one more parse. */
      readonly arguments: string;
      /** `cursor`: where the last step ended, of a tool that works in steps; without it, all steps are run first. */
      readonly run: (context: ToolContext, cursor?: Json) => Promise<unknown>;
      /** Only of a tool that offers a check. */
      readonly probe?: (context: ToolContext) => Promise<Probed>;
      /** Only of a tool whose calls can be undone. */
      readonly compensate?: (done: DoneCall, context: ToolContext) => Promise<unknown>;
      /** Only of a tool that works in steps. */
      readonly step?: (
        context: ToolContext,
        cursor?: Json,
      ) => Promise<{ readonly cursor: Json; readonly done: boolean; readonly progress: StepProgress }>;
    }
  | {
      readonly ok: false;
      readonly problem: string;
      /** There is no such tool any more. */
      readonly gone?: true;
    };

/** A tool with its types closed over, as the rest of Waymark uses it. */
export interface Tool {
  readonly description: ToolDescription;
  readonly spec: ToolSpec;
  /** Where it comes from: `agent`, `built-in`, `memory`, `mcp:NAME`. */
  readonly from: string;
  /** What it may reach, for people. */
  readonly grants: readonly string[];
  readonly limits?: ToolLimits;
  /** Names of secrets that may be handed to it. */
  readonly secrets?: readonly string[];
  /** What its server says of it, for people. Only of a tool from a source. */
  readonly hints?: ToolHints;
  /** Checks the raw JSON arguments as the model wrote them. Never throws. */
  bind(rawArguments: string): BoundCall;
  /** The same by what its source says of it now, which is asked. Only of a tool whose schema may change. Never throws. */
  rebind?(rawArguments: string): Promise<BoundCall>;
}

/** What a server claims of its tool: a claim, by which nothing is decided unless its definition trusts it. */
export interface ToolHints {
  readonly readOnly?: boolean;
  readonly destructive?: boolean;
  /** A second call with the same arguments changes nothing further, by MCP's words; nothing of a key. */
  readonly idempotent?: boolean;
  /** It reaches beyond the server. */
  readonly openWorld?: boolean;
}

/** Binds a call. Arguments that do not fit are refused only by what the tool's source says of it now. */
export async function bindCall(tool: Tool, rawArguments: string): Promise<BoundCall> {
  const bound = tool.bind(rawArguments);
  return bound.ok || tool.rebind === undefined ? bound : tool.rebind(rawArguments);
}

const TOOL_NAME = /^[a-z][a-z0-9_]{0,63}$/;

/**
 * Makes a tool.
 * @throws TypeError when the name is not snake case, the schema does not describe an object, or the approval policy is
 *   malformed or names an argument that is not in the schema
 */
export function defineTool<Schema extends z.ZodType>(definition: ToolDefinition<Schema>): Tool {
  if (!TOOL_NAME.test(definition.name)) {
    throw new TypeError(`tool "${definition.name}": a name is snake case, starts with a letter, at most 64 characters`);
  }
  const parameters = z.toJSONSchema(definition.input, { io: 'input' });
  if (parameters.type !== 'object') {
    throw new TypeError(`tool "${definition.name}": its input schema must describe an object`);
  }
  const { name, description, effect, approval = 'never', probe, compensate } = definition;
  assertApproval(`tool "${name}"`, approval, parameters);
  if (probe && effect !== 'once') {
    throw new TypeError(`tool "${name}": only a tool that must not run twice has a probe; its effect is ${effect}`);
  }
  if (compensate && effect === 'read') {
    throw new TypeError(`tool "${name}": a tool that only reads does nothing that could be undone`);
  }
  return {
    description: {
      name,
      effect,
      approval,
      timeoutMs: definition.timeoutMs ?? 60_000,
      attempts: definition.attempts ?? 5,
      whenBroken: definition.whenBroken ?? (effect === 'read' ? 'tell' : 'block'),
      ...(definition.retry ? { retry: definition.retry } : {}),
      ...(compensate ? { undo: { effect: compensate.effect, approval: compensate.approval ?? 'never' } } : {}),
      ...(definition.annotates ? { annotates: true } : {}),
    },
    spec: { name, description: withSecrets(description, definition.secrets), parameters },
    from: definition.from ?? 'agent',
    grants: definition.grants ?? [],
    ...(definition.limits === undefined ? {} : { limits: definition.limits }),
    ...(definition.secrets === undefined ? {} : { secrets: definition.secrets }),
    bind: (rawArguments) => {
      const parsed = parseArguments(definition.input, rawArguments, name);
      if (!parsed.ok) return parsed;
      const run = (context: ToolContext): Promise<unknown> => definition.execute(parsed.value, context);
      return {
        ok: true,
        arguments: parsed.text,
        run,
        ...(probe ? { probe: (context) => probe(parsed.value, context) } : {}),
        ...(compensate ? { compensate: (done, context) => compensate.execute(parsed.value, done, context) } : {}),
      };
    },
  };
}

/** A description with the names of the secrets that the model may hand over. */
export function withSecrets(description: string, secrets: readonly string[] = []): string {
  if (secrets.length === 0) return description;
  return `${description} Secrets are given by name only: ${secrets.map((name) => `secret://${name}`).join(', ')}.`;
}

/** Arguments that fit, with the JSON text that says the same; or what is wrong with them, for the model. */
export type ParsedArguments<Value> =
  | { readonly ok: true; readonly value: Value; readonly text: string }
  | { readonly ok: false; readonly problem: string };

/**
 * Parses a call's raw arguments against a schema; what only needs one more parse is decoded first
 * (`contracts/decode-by-schema.ts`). The problem names the failing paths.
 * @param name the tool's
 */
export function parseArguments<Schema extends z.ZodType>(
  schema: Schema,
  rawArguments: string,
  name: string,
): ParsedArguments<z.output<Schema>> {
  const decoded = decodeArguments(parametersOf(schema), rawArguments, name);
  if (!decoded.ok) return decoded;
  const parsed = schema.safeParse(decoded.value);
  if (parsed.success) return { ok: true, value: parsed.data, text: decoded.text };
  const paths = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(all)'}: ${issue.message}`);
  return { ok: false, problem: `The arguments do not fit: ${paths.join('; ')}. Send them again.` };
}

const described = new WeakMap<z.ZodType, JsonSchema>();

/** What a schema takes, as JSON Schema; what that has no words for takes anything. */
export function parametersOf(schema: z.ZodType): JsonSchema {
  const known = described.get(schema);
  if (known) return known;
  const parameters = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  described.set(schema, parameters);
  return parameters;
}
