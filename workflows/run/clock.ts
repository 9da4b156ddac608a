import { nextAlarm } from '../rules/alarms.ts';
import { until, untilOrTimeout } from './order.ts';
import type { TaskCell } from './task-cell.ts';
import { alarmRang } from '../transitions/alarms.ts';

/**
 * Sees to what happens at a time of its own, whoever waits for it or nobody: the end of a pause; of a question or an
 * approval its reminders, its escalation and its deadline, which may cancel the task.
 */
export async function keepTime(cell: TaskCell, cancel: () => void): Promise<void> {
  while (!cell.state.ending) {
    const alarm = nextAlarm(cell.state);
    const moved = (): boolean => cell.state.ending !== undefined || nextAlarm(cell.state)?.key !== alarm?.key;
    if (alarm === undefined) await until(moved);
    else {
      const ms = Math.max(Date.parse(alarm.at) - Date.now(), 0);
      const early = await untilOrTimeout(moved, ms, { summary: alarm.summary });
      if (!early && !moved()) cell.apply(alarmRang, alarm);
    }
  }
  if (cell.state.ending.kind === 'cancelled') cancel();
}
