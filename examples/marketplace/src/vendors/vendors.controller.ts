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
import { absent } from '../vendor/vendor-decisions.ts';
import type { Vendor } from '../vendor/vendor.ts';
import { CreateVendorDto, UpdateVendorDto } from './dto/vendor.dto.ts';
import { VendorsService } from './vendors.service.ts';

/** Vendors: what they offer and where they are. */
@Controller('vendors')
export class VendorsController {
  constructor(private readonly vendors: VendorsService) {}

  @Post()
  async create(
    @Body() { vendorId, ownerId, location, ...profile }: CreateVendorDto,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    const id = vendorId ?? newId('vendor', context);
    const vendor = { ownerId, profile, location: location && { ...location } };
    return answer(reply, id, await this.vendors.create(id, vendor, context));
  }

  @Get(':id')
  async read(
    @IdParam() id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Vendor & { readonly id: string; readonly version: number }> {
    const { state, version } = await this.vendors.read(id);
    const refused = absent(state, id);
    if (refused) throw rejected(refused.rejection);
    void reply.header('etag', `"${version}"`);
    return { id, version, ...state };
  }

  @Patch(':id')
  async update(
    @IdParam() id: string,
    @Body() changes: UpdateVendorDto,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.vendors.update(id, requireChange(changes), context));
  }

  @Delete(':id')
  async delete(
    @IdParam() id: string,
    @Query() { reason }: DeleteQuery,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.vendors.delete(id, reason, context));
  }

  @Put(':id/location')
  async move(
    @IdParam() id: string,
    @Body() location: LocationDto,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.vendors.move(id, { ...location }, context));
  }
}
