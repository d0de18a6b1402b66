import { jest } from '@jest/globals';
import type { LoggerService } from '@nestjs/common';
import { nestLogger } from './nest-logger.ts';

function recorder() {
  const lines: string[] = [];
  const at = (level: string) => jest.fn((message: unknown) => void lines.push(`${level} ${String(message)}`));
  const target: LoggerService = { log: at('log'), error: at('error'), warn: at('warn'), debug: at('debug') };
  return { lines, target };
}

describe('nestLogger', () => {
  it("passes each level on to Nest's, fields behind the message", () => {
    const { lines, target } = recorder();
    const logger = nestLogger(target);
    logger.debug('cache', {});
    logger.info('connected', { server: 'nats://127.0.0.1:4222' });
    logger.warn('slow', { ms: 12 });
    logger.error('lost', { error: new TypeError('gone') });
    expect(lines).toEqual([
      'debug cache',
      'log connected {"server":"nats://127.0.0.1:4222"}',
      'warn slow {"ms":12}',
      'error lost {"error":"TypeError: gone"}',
    ]);
  });

  it('never throws over what it is to log', () => {
    const { lines, target } = recorder();
    const loop: Record<string, unknown> = { name: 'loop' };
    loop['self'] = loop;
    const logger = nestLogger(target);
    logger.info('cycle', loop);
    logger.info('bigint', { sequence: 12n });
    expect(lines).toEqual(['log cycle name=loop self=[object Object]', 'log bigint {"sequence":"12"}']);
  });

  it('does without a debug level', () => {
    const { target } = recorder();
    delete target.debug;
    expect(() => nestLogger(target).debug('fine')).not.toThrow();
  });
});
