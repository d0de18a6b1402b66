import { Body, Controller, Delete, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { CommandContext } from '../command/command-context.ts';
import { ConnectDto, DisconnectQuery } from '../connection/connection.dto.ts';
import { ConnectionsService } from '../connection/connections.service.ts';
import { IdParam } from '../http/aggregate-id.ts';
import { answer, type CommandAnswer, rejected } from '../http/answer.ts';
import { Context } from '../http/command-headers.ts';
import { absent } from '../user/user-decisions.ts';
import { UsersService } from './users.service.ts';

/** WebSockets of users; called by whatever holds the sockets. */
@Controller('users/:id/connections')
export class UserConnectionsController {
  constructor(
    private readonly users: UsersService,
    private readonly connections: ConnectionsService,
  ) {}

  @Post()
  async connect(
    @IdParam() userId: string,
    @Body() details: ConnectDto,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    // Another aggregate: the user may be deleted a moment later, which closing the socket then tells.
    const refused = absent((await this.users.read(userId)).state, userId);
    if (refused) throw rejected(refused.rejection);
    const { id, result } = await this.connections.connect('user', userId, details, context);
    return answer(reply, id, result);
  }

  @Delete(':connectionId')
  async disconnect(
    @IdParam() userId: string,
    @IdParam('connectionId') connectionId: string,
    @Query() { code }: DisconnectQuery,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    return answer(reply, connectionId, await this.connections.disconnect('user', userId, connectionId, code, context));
  }
}
