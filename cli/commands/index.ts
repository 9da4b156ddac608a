import type { Command } from 'commander';
import type { Terminal } from '../terminal/terminal.ts';
import type { AddCommand } from './add-command.ts';
import { addAgents } from './agents.ts';
import { addAnswer } from './answer.ts';
import { addApprove } from './approve.ts';
import { addApprovals } from './approvals.ts';
import { addBudget } from './budget.ts';
import { addCancel } from './cancel.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { addInbox } from './inbox.ts';
import { addList } from './list.ts';
import { addMcp } from './mcp.ts';
import { addMemory } from './memory/index.ts';
import { addModel } from './model.ts';
import { addPause } from './pause.ts';
import { addReject } from './reject.ts';
import { addResume } from './resume.ts';
import { addSend } from './send.ts';
import { addServe } from './serve/index.ts';
import { addSetup } from './setup.ts';
import { addShow } from './show.ts';
import { addStart } from './start.ts';
import { addTools } from './tools.ts';
import { addUndo } from './undo.ts';
import { addUp } from './up.ts';
import { addWatch } from './watch.ts';
import { addWorker } from './worker.ts';

/** Every command, under the headings and in the order in which the help lists them. */
const groups: readonly (readonly [heading: string, commands: readonly AddCommand[]])[] = [
  ['Servers and workers:', [addUp, addWorker, addServe, addMcp, addDemo, addSetup, addDoctor, addModel]],
  ['Tasks:', [addAgents, addTools, addStart, addList, addShow, addWatch, addInbox]],
  [
    'Messages to a task:',
    [addSend, addAnswer, addApprove, addReject, addPause, addApprovals, addResume, addBudget, addCancel, addUndo],
  ],
  ['Memory:', [addMemory]],
];

export function addCommands(program: Command, terminal: Terminal): void {
  for (const [heading, commands] of groups) {
    program.commandsGroup(heading);
    for (const add of commands) add(program, terminal);
  }
}
