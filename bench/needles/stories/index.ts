import type { Story } from '../facts.ts';
import { heating } from './heating.ts';
import { kitchen } from './kitchen.ts';
import { roof } from './roof.ts';

/** Three of each kind of fact, so that nothing is tuned for one. */
export const stories: readonly Story[] = [kitchen, heating, roof];
