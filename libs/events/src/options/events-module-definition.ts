import { ConfigurableModuleBuilder, type ConfigurableModuleOptionsFactory } from '@nestjs/common';
import type { EventsModuleOptions } from './events-module-options.ts';

/** What `useClass` and `useExisting` of `forRootAsync` name: a class that makes the options. */
export type EventsOptionsFactory = ConfigurableModuleOptionsFactory<EventsModuleOptions, 'createEventsOptions'>;

/** What can only be said where the module is imported, not by a factory. */
export interface EventsModuleExtras {
  /** Every module of the application can inject the service without an import; true. */
  readonly isGlobal?: boolean;
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<EventsModuleOptions>({
  moduleName: 'Events',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createEventsOptions')
  .setExtras<EventsModuleExtras>({ isGlobal: true }, (definition, { isGlobal }) => ({
    ...definition,
    global: isGlobal ?? true,
  }))
  .build();
