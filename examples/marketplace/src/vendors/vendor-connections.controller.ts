import { Body, Controller, Delete, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { CommandContext } from '../command/command-context.ts';
import { ConnectDto, DisconnectQuery } from '../connection/connection.dto.ts';
import { ConnectionsService } from '../connection/connections.service.ts';
import { IdParam } from '../http/aggregate-id.ts';
import { answer, type CommandAnswer, rejected } from '../http/answer.ts';
import { Context } from '../http/command-headers.ts';
import { absent } from '../vendor/vendor-decisions.ts';
import { VendorsService } from './vendors.service.ts';

/** WebSockets of vendors; called by whatever holds the sockets. */
@Controller('vendors/:id/connections')
export class VendorConnectionsController {
  constructor(
    private readonly vendors: VendorsService,
    private readonly connections: ConnectionsService,
  ) {}

  @Post()
  async connect(
    @IdParam() vendorId: string,
    @Body() details: ConnectDto,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    // Another aggregate: the vendor may be deleted a moment later, which closing the socket then tells.
    const refused = absent((await this.vendors.read(vendorId)).state, vendorId);
    if (refused) throw rejected(refused.rejection);
    const { id, result } = await this.connections.connect('vendor', vendorId, details, context);
    return answer(reply, id, result);
  }

  @Delete(':connectionId')
  async disconnect(
    @IdParam() vendorId: string,
    @IdParam('connectionId') connectionId: string,
    @Query() { code }: DisconnectQuery,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    return answer(
      reply,
      connectionId,
      await this.connections.disconnect('vendor', vendorId, connectionId, code, context),
    );
  }
}
