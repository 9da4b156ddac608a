import type { TestContext } from 'node:test';

import { startScriptedModel } from '../../models/index.ts';
import type { Script, ScriptedAnswer, ScriptedModel } from '../../models/index.ts';

/**
 * Starts a scripted model for one test and stops it after the test. A list is answered from the front, one answer a
 * request; one request more than it has answers is an error 500 that says so.
 */
export async function scriptedModel(
  t: TestContext,
  answers: Script | readonly ScriptedAnswer[],
): Promise<ScriptedModel> {
  const model = await startScriptedModel({ script: typeof answers === 'function' ? answers : scriptOf(answers) });
  t.after(() => model.stop());
  return model;
}

/** A script that gives these answers one after the other. */
export function scriptOf(answers: readonly ScriptedAnswer[]): Script {
  let next = 0;
  return () => {
    const answer = answers[next];
    next += 1;
    if (answer === undefined) throw new Error(`there are ${answers.length} answers and this is request ${next}`);
    return answer;
  };
}
