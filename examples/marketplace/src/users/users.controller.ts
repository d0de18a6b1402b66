import { Body, Controller, Delete, Get, Patch, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { CommandContext } from '../command/command-context.ts';
import { newId } from '../command/command-identity.ts';
import { IdParam } from '../http/aggregate-id.ts';
import { answer, type CommandAnswer, rejected } from '../http/answer.ts';
import { Context } from '../http/command-headers.ts';
import { DeleteQuery } from '../http/delete-query.dto.ts';
import { requireChange } from '../http/require-change.ts';
import { LocationDto } from '../location/location.dto.ts';
import { absent } from '../user/user-decisions.ts';
import type { User } from '../user/user.ts';
import { CreateIntegrationDto } from './dto/integration.dto.ts';
import { CreateUserDto, UpdateUserDto } from './dto/user.dto.ts';
import { UsersService } from './users.service.ts';

/** Users: accounts, integrations, locations. */
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Post()
  async create(
    @Body() { clerkId, ...profile }: CreateUserDto,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    const id = newId('user', context);
    return answer(reply, id, await this.users.create(id, profile, clerkId, context));
  }

  @Get(':id')
  async read(
    @IdParam() id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<User & { readonly id: string; readonly version: number }> {
    const { state, version } = await this.users.read(id);
    const refused = absent(state, id);
    if (refused) throw rejected(refused.rejection);
    void reply.header('etag', `"${version}"`);
    return { id, version, ...state };
  }

  @Patch(':id')
  async update(
    @IdParam() id: string,
    @Body() changes: UpdateUserDto,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.users.update(id, requireChange(changes), context));
  }

  @Delete(':id')
  async delete(
    @IdParam() id: string,
    @Query() { reason }: DeleteQuery,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.users.delete(id, reason, context));
  }

  @Put(':id/location')
  async move(
    @IdParam() id: string,
    @Body() location: LocationDto,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.users.move(id, { ...location }, context));
  }

  @Post(':id/integrations')
  async addIntegration(
    @IdParam() id: string,
    @Body() { provider, externalId, scopes = [] }: CreateIntegrationDto,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    const integrationId = newId('integration', context);
    const integration = { integrationId, provider, externalId, scopes };
    return answer(reply, id, await this.users.addIntegration(id, integration, context));
  }

  @Delete(':id/integrations/:integrationId')
  async removeIntegration(
    @IdParam() id: string,
    @IdParam('integrationId') integrationId: string,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.users.removeIntegration(id, integrationId, context));
  }
}
