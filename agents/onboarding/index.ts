export { createOnboardingAgent } from './onboarding-agent.ts';
export type { OnboardingInput, OnboardingResult } from './onboarding-agent.ts';
