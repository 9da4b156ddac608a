import { resultOf } from '../support/bench-agent.ts';

export interface LoopInput {
  readonly turns: number;
  readonly resultBytes: number;
}

export interface LoopCall {
  readonly record: number;
  readonly bytes: number;
}

export interface LoopMessage {
  readonly role: 'user' | 'assistant' | 'tool';
  readonly content: string;
  readonly call?: LoopCall;
}

export interface LoopActivities {
  callModel(messages: readonly LoopMessage[]): Promise<LoopMessage>;
  callTool(call: LoopCall): Promise<string>;
}

/** Answers and results at once, as the model and the tool of the benchmark's agent do. */
export const loopActivities: LoopActivities = {
  callModel: async (messages) => {
    const [, turns, bytes] = /up (\d+) records of (\d+) bytes/.exec(messages[0]?.content ?? '') ?? [];
    const record = messages.filter(({ role }) => role === 'assistant').length + 1;
    if (record > Number(turns)) return { role: 'assistant', content: 'Every record was looked up.' };
    return { role: 'assistant', content: '', call: { record, bytes: Number(bytes) } };
  },
  callTool: async ({ record, bytes }) => resultOf(record, bytes),
};
