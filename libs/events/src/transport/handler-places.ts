import 'reflect-metadata';
import type { DynamicModule, ForwardReference, Type } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import {
  PATTERN_EXTRAS_METADATA,
  PATTERN_HANDLER_METADATA,
  PATTERN_METADATA,
} from '@nestjs/microservices/constants.js';
import { PatternHandler } from '@nestjs/microservices/enums/pattern-handler.enum.js';

/** A method with `@EventPattern` or `@MessagePattern`. */
export interface HandlerPlace {
  readonly type: Type;
  readonly method: string;
  readonly patterns: readonly unknown[];
  /** False for `@MessagePattern`. */
  readonly isEvent: boolean;
}

/**
 * Methods by the extras of their decorator: Nest hands a transport the very object that the decorator made, and nothing
 * else that tells whose handler it is. Where classes inherit a method there are several, in the order in which Nest binds
 * them.
 */
export type HandlerPlaces = ReadonlyMap<object, readonly HandlerPlace[]>;

/** What can stand among the imports of a module. */
export type ModuleImport = Type | DynamicModule | ForwardReference | Promise<DynamicModule>;

/** The handlers of an application's controllers. */
export function placesIn(modules: ModulesContainer): HandlerPlaces {
  const controllers = [...modules.values()].flatMap((module) =>
    [...module.controllers.values()].map(({ metatype }) => metatype),
  );
  return placesOf(controllers.filter((type): type is Type => typeof type === 'function'));
}

/** The handlers of a module and all that it imports, by what its decorators say. */
export function placesUnder(root: ModuleImport): HandlerPlaces {
  const controllers: Type[] = [];
  const seen = new Set<unknown>();
  const visit = (imported: ModuleImport | undefined): void => {
    if (imported === undefined || imported === null || seen.has(imported)) return;
    seen.add(imported);
    if ('forwardRef' in imported) return visit((imported as ForwardReference<() => Type>).forwardRef());
    const dynamic = 'module' in imported ? (imported as DynamicModule) : undefined;
    const type = dynamic?.module ?? (imported as Type);
    if (typeof type !== 'function') return;
    controllers.push(...listed<Type>('controllers', type), ...(dynamic?.controllers ?? []));
    for (const next of [...listed<ModuleImport>('imports', type), ...(dynamic?.imports ?? [])])
      visit(next as ModuleImport);
  };
  visit(root);
  return placesOf(controllers);
}

function listed<T>(key: 'controllers' | 'imports', type: Type): readonly T[] {
  return (Reflect.getMetadata(key, type) as readonly T[] | undefined) ?? [];
}

function placesOf(controllers: readonly Type[]): HandlerPlaces {
  const places = new Map<object, HandlerPlace[]>();
  const scanner = new MetadataScanner();
  for (const type of controllers) {
    const prototype = type.prototype as Record<string, object>;
    for (const method of scanner.getAllMethodNames(prototype)) {
      const extras = Reflect.getMetadata(PATTERN_EXTRAS_METADATA, prototype[method]!) as object | undefined;
      if (extras === undefined) continue;
      const patterns = Reflect.getMetadata(PATTERN_METADATA, prototype[method]!) as readonly unknown[];
      const found = places.get(extras) ?? [];
      const isEvent = Reflect.getMetadata(PATTERN_HANDLER_METADATA, prototype[method]!) === PatternHandler.EVENT;
      found.push({ type, method, patterns, isEvent });
      places.set(extras, found);
    }
  }
  return places;
}
