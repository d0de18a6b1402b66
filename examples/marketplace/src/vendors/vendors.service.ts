import { Injectable } from '@nestjs/common';
import type { CommandContext } from '../command/command-context.ts';
import type { CommandResult } from '../command/command-result.ts';
import { CommandRunner } from '../command/command-runner.ts';
import type { Location } from '../location/location.ts';
import * as decide from '../vendor/vendor-decisions.ts';
import type { VendorProfile } from '../vendor/vendor-events.ts';
import { vendorAggregate, type Vendor } from '../vendor/vendor.ts';
import { OwnersService } from './owners.service.ts';

type Result = Promise<CommandResult<Vendor>>;

/** A vendor to create. */
export interface NewVendor {
  readonly ownerId: string;
  readonly profile: VendorProfile;
  readonly location: Location | undefined;
}

/** Each command on a vendor: which decision it is. Who else has to know hears of it by the events. */
@Injectable()
export class VendorsService {
  constructor(
    private readonly commands: CommandRunner,
    private readonly owners: OwnersService,
  ) {}

  async create(id: string, { ownerId, profile, location }: NewVendor, context: CommandContext): Result {
    const rejection = await this.owners.refusal(ownerId);
    return this.commands.run(vendorAggregate, id, context, (vendor) =>
      rejection ? { rejection } : decide.createVendor(vendor, id, ownerId, profile, location),
    );
  }

  update(id: string, changes: Partial<VendorProfile>, context: CommandContext): Result {
    return this.commands.run(vendorAggregate, id, context, (vendor) => decide.updateVendor(vendor, id, changes));
  }

  delete(id: string, reason: string | undefined, context: CommandContext): Result {
    return this.commands.run(vendorAggregate, id, context, (vendor) => decide.deleteVendor(vendor, id, reason));
  }

  move(id: string, location: Location, context: CommandContext): Result {
    return this.commands.run(vendorAggregate, id, context, (vendor) => decide.moveVendor(vendor, id, location));
  }

  read(id: string): Promise<{ readonly state: Vendor; readonly version: number }> {
    return this.commands.read(vendorAggregate, id);
  }
}
