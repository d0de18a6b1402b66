import {
  type CommandContext,
  type CommandHandler,
  type EventStore,
  type Process,
  type RunningProcess,
  ValidationError,
  type ValidationProblem,
} from '@annals/core';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { runInCorrelation } from '../correlation/correlation.ts';
import type { AnyProcess, ProcessRegistration } from './process-registration.ts';

/** The process managers that one module of a service runs: started and stopped with the application. */
export class RunningProcesses implements OnApplicationBootstrap, OnModuleDestroy {
  private running: RunningProcess[] = [];

  constructor(
    private readonly store: Pick<EventStore, 'processes'>,
    private readonly modules: Pick<ModuleRef, 'get'>,
    private readonly registrations: readonly ProcessRegistration[],
  ) {}

  /** @throws ValidationError, StoreUnavailable; then none of them runs */
  async onApplicationBootstrap(): Promise<void> {
    try {
      for (const registration of this.registrations) {
        const { process, commands: provider, ...options } = registration;
        const commands = provider === undefined ? {} : this.commandsOf(process, provider);
        this.running.push(await this.store.processes.run(process as Process, { ...options, commands }));
      }
    } catch (error) {
      // Nest calls no hooks of shutdown after a start that failed.
      await this.onModuleDestroy();
      throw error;
    }
  }

  /** Waits for the commands that run, 10 seconds at most. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.running.splice(0).map((process) => process.stop()));
  }

  private commandsOf(
    process: AnyProcess,
    provider: NonNullable<ProcessRegistration['commands']>,
  ): Readonly<Record<string, CommandHandler>> {
    const instance = this.modules.get<Record<string, unknown>>(provider, { strict: false });
    const problems: ValidationProblem[] = [];
    const commands = process.commands.map((name): [string, CommandHandler] => {
      const method = instance[name];
      if (typeof method !== 'function') {
        const place = typeof provider === 'function' ? provider.name : String(provider);
        problems.push({
          path: `commands.${name}`,
          message: `must be a method of ${place}: process ${process.name} declares it`,
        });
      }
      return [name, correlated((data, context) => (method as CommandHandler).call(instance, data, context))];
    });
    if (problems.length > 0) throw new ValidationError(problems);
    return Object.fromEntries(commands);
  }
}

function correlated(handler: CommandHandler): CommandHandler {
  return (data: never, context: CommandContext) => {
    const { correlationId, causationId, tenantId } = context;
    return runInCorrelation({ correlationId, causationId, tenantId }, () => handler(data, context));
  };
}
