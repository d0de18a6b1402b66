/** What a process did for a subscription since it subscribed. */
export class RunningCounts {
  handled = 0;
  retried = 0;
  deadLettered = 0;
}
