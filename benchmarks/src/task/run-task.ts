import type { EventStore } from '@annals/core';
import type { Contender } from '../contender/contender.ts';
import type { Subscriber } from '../subscribe/subscriber.ts';
import { runAppendTask } from './append-task.ts';
import { runContendTask } from './contend-task.ts';
import { runEntityTask } from './entity-task.ts';
import { runHistoryTask } from './history-task.ts';
import { runLiveTask } from './live-task.ts';
import { runLoadTask } from './load-task.ts';
import { runPostTask } from './post-task.ts';
import { runReadTask } from './read-task.ts';
import { runFoldTask, runScanTask } from './repeat-task.ts';
import { runSubscribeTask } from './subscribe-task.ts';
import type { Task, TaskResult, TaskRun } from './task.ts';
import { runUpcastTask } from './upcast-task.ts';

/** What a task works on. */
export type Target =
  | { readonly contender: Contender }
  | { readonly gatewayUrl: string }
  | { readonly subscriber: Subscriber }
  | { readonly store: EventStore }
  /** Nothing but this process. */
  | { readonly memory: true };

/**
 * Runs a task until its limit.
 *
 * @throws TypeError when the task is for another kind of target
 */
export function runTask(target: Target, task: Task, run: TaskRun): Promise<TaskResult> {
  switch (task.kind) {
    case 'append':
      return runAppendTask(part(target, 'contender', task), task, run);
    case 'contend':
      return runContendTask(part(target, 'contender', task), task, run);
    case 'read':
      return runReadTask(part(target, 'contender', task), task, run);
    case 'entity':
      return runEntityTask(part(target, 'contender', task), task, run);
    case 'fold':
      return runFoldTask(part(target, 'contender', task), run);
    case 'scan':
      return runScanTask(part(target, 'contender', task), run);
    case 'post':
      return runPostTask(part(target, 'gatewayUrl', task), task, run);
    case 'history':
      return runHistoryTask(part(target, 'gatewayUrl', task), task, run);
    case 'live':
      return runLiveTask(part(target, 'gatewayUrl', task), task, run);
    case 'subscribe':
      return runSubscribeTask(part(target, 'subscriber', task), task, run);
    case 'load':
      return runLoadTask(part(target, 'store', task), task, run);
    case 'upcast':
      return runUpcastTask(task, run);
  }
}

type Parts = { [Name in KeysOf<Target>]: Extract<Target, Record<Name, unknown>>[Name] };
type KeysOf<Union> = Union extends unknown ? keyof Union : never;

function part<Name extends keyof Parts>(target: Target, name: Name, { kind }: Task): Parts[Name] {
  const found = (target as Partial<Parts>)[name];
  if (found === undefined) throw new TypeError(`'${kind}' needs a ${name}`);
  return found;
}
