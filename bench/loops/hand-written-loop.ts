import { proxyActivities } from '@temporalio/workflow';
import type { LoopActivities, LoopInput, LoopMessage } from './loop-activities.ts';

const { callModel, callTool } = proxyActivities<LoopActivities>({ startToCloseTimeout: '1 minute' });

/** The loop that one writes on Temporal in an afternoon: two activities a turn, the transcript in a variable. */
export async function handWrittenLoop({ turns, resultBytes }: LoopInput): Promise<number> {
  const messages: LoopMessage[] = [{ role: 'user', content: `Look up ${turns} records of ${resultBytes} bytes.` }];
  for (;;) {
    const answer = await callModel(messages);
    messages.push(answer);
    if (!answer.call) return messages.length;
    messages.push({ role: 'tool', content: await callTool(answer.call) });
  }
}
