import type { EventStore } from '@annals/core';
import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { EVENT_STORE } from '../service/tokens.ts';
import type { ProcessRegistration } from './process-registration.ts';
import { RunningProcesses } from './running-processes.ts';

/** What `ProcessesModule.forFeature` takes beside the processes. */
export interface FeatureOfProcesses {
  /** The `EventsModule` to use, where it is not global. */
  readonly imports?: ModuleMetadata['imports'];
}

/**
 * Runs process managers with the application: from its bootstrap on, until its shutdown, which waits for the commands that
 * run.
 *
 * @example
 * \@Module({
 *   imports: [ProcessesModule.forFeature([{ process: vendorOnboarding, commands: OnboardingCommands }])],
 *   providers: [OnboardingCommands],
 * })
 * export class VendorsModule {}
 */
@Module({})
export class ProcessesModule {
  static forFeature(
    processes: readonly ProcessRegistration[],
    { imports = [] }: FeatureOfProcesses = {},
  ): DynamicModule {
    const provider = {
      provide: RunningProcesses,
      useFactory: (store: EventStore, modules: ModuleRef) => new RunningProcesses(store, modules, processes),
      inject: [EVENT_STORE, ModuleRef],
    };
    return { module: ProcessesModule, imports, providers: [provider] };
  }
}
