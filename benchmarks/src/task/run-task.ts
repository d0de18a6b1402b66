import type { Contender } from '../contender/contender.ts';
import { runAppendTask } from './append-task.ts';
import { runContendTask } from './contend-task.ts';
import { runEntityTask } from './entity-task.ts';
import { runHistoryTask } from './history-task.ts';
import { runLiveTask } from './live-task.ts';
import { runPostTask } from './post-task.ts';
import { runReadTask } from './read-task.ts';
import { runFoldTask, runScanTask } from './repeat-task.ts';
import type { Task, TaskResult, TaskRun } from './task.ts';

/** What a task works on. */
export type Target = { readonly contender: Contender } | { readonly gatewayUrl: string };

/** Runs a task until its limit. */
export function runTask(target: Target, task: Task, run: TaskRun): Promise<TaskResult> {
  if ('gatewayUrl' in target) {
    if (task.kind === 'post') return runPostTask(target.gatewayUrl, task, run);
    if (task.kind === 'history') return runHistoryTask(target.gatewayUrl, task, run);
    if (task.kind === 'live') return runLiveTask(target.gatewayUrl, task, run);
    throw new TypeError(`the gateway cannot be measured by '${task.kind}'`);
  }
  const { contender } = target;
  switch (task.kind) {
    case 'append':
      return runAppendTask(contender, task, run);
    case 'contend':
      return runContendTask(contender, task, run);
    case 'read':
      return runReadTask(contender, task, run);
    case 'entity':
      return runEntityTask(contender, task, run);
    case 'fold':
      return runFoldTask(contender, run);
    case 'scan':
      return runScanTask(contender, run);
    default:
      throw new TypeError(`'${task.kind}' measures the gateway only`);
  }
}
