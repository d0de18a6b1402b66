import { EventsHealthIndicator } from '@annals/events';
import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** Probes: is the process alive, can it use its event store. */
@Controller('health')
export class HealthController {
  constructor(private readonly events: EventsHealthIndicator) {}

  @Get('live')
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const events = await this.events.isHealthy('events');
    const { status } = events.events;
    if (status === 'down') void reply.status(503);
    return { status, ...events };
  }
}
