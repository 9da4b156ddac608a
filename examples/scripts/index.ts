import { assistantInstructions } from '../../agents/assistant/instructions.ts';
import { migrationInstructions } from '../../agents/migration/instructions.ts';
import { onboardingInstructions } from '../../agents/onboarding/instructions.ts';
import { researchInstructions } from '../../agents/research/instructions.ts';
import { troubleshootingInstructions } from '../../agents/troubleshooting/instructions.ts';
import type { ScriptedCompletion, ScriptedRequest } from '../../models/scripted/index.ts';
import { assistantScript } from './assistant.ts';
import { migrationScript } from './migration.ts';
import { onboardingScript } from './onboarding.ts';
import { researchScript } from './research.ts';
import { troubleshootingScript } from './troubleshooting.ts';

export { assistantScript } from './assistant.ts';
export { migrationScript } from './migration.ts';
export { onboardingScript } from './onboarding.ts';
export { researchScript } from './research.ts';
export { troubleshootingScript } from './troubleshooting.ts';

const scripts = [
  { opening: firstLine(onboardingInstructions), script: onboardingScript },
  { opening: firstLine(troubleshootingInstructions), script: troubleshootingScript },
  { opening: firstLine(migrationInstructions), script: migrationScript },
  { opening: firstLine(researchInstructions), script: researchScript },
  { opening: firstLine(assistantInstructions), script: assistantScript },
];

/**
 * Plays the model for the agents that come with Waymark: which one, it reads from the instructions. Without tools to
 * call it is asked for words, such as a summary, and gives the last ones it was sent.
 * @throws Error for an agent it has no script for
 */
export function demoScript(request: ScriptedRequest): ScriptedCompletion {
  if (request.tools.length === 0) return { text: inShort(request) };
  const system = request.messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  const known = scripts.find(({ opening }) => system.some((content) => content.includes(opening)));
  if (!known)
    throw new Error('The scripted model knows only the agents that come with Waymark, and this is none of them.');
  return known.script(request);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

function inShort({ messages }: ScriptedRequest): string {
  const said = messages.filter(({ role }) => role !== 'system').map(({ content }) => content.trim());
  const lines = said
    .join('\n')
    .split('\n')
    .filter((line) => line !== '');
  return `In short: ${lines
    .slice(-12)
    .map((line) => line.slice(0, 160))
    .join(' · ')}`;
}
