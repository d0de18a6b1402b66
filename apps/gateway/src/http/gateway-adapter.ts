import { FastifyAdapter } from '@nestjs/platform-fastify';

/** Nest's adapter, but errors of Fastify keep their code, which says more than their status. */
export class GatewayAdapter extends FastifyAdapter {
  override mapException(error: unknown): unknown {
    return error;
  }
}
