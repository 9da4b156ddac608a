/** The workflows of somebody who had a Temporal worker before Waymark: one of their own, and Waymark's. */
export { default, steppedTool, undoTask } from '../../workflows/index.ts';

export async function ownWorkflow(name: string): Promise<string> {
  return `hello, ${name}`;
}
