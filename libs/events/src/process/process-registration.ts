import type { Process, RunProcessOptions } from '@annals/core';
import type { Type } from '@nestjs/common';

/** What `defineProcess` makes, whatever its state. */
export type AnyProcess = Pick<Process, 'name' | 'version' | 'startsOn' | 'reactsTo' | 'commands' | 'keepEndedMs'>;

/** A process manager and how this service runs it. */
export interface ProcessRegistration extends Omit<RunProcessOptions, 'commands'> {
  readonly process: AnyProcess;
  /**
   * A provider with a method for each command that the process declares, of the same name: `(data, context) => …`. It is
   * looked up in the whole application. What its methods publish carries the correlation of the instance.
   */
  readonly commands?: Type<unknown> | string | symbol | undefined;
}
