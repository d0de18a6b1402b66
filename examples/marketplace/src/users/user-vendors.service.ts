import { RejectEvent } from '@annals/events';
import { Inject, Injectable } from '@nestjs/common';
import { ClientProxy } from '@nestjs/microservices';
import { firstValueFrom, timeout } from 'rxjs';
import { CommandRunner } from '../command/command-runner.ts';
import { HttpProblem } from '../http/problem.ts';
import { VENDOR_PROVIDER } from '../user/user-decisions.ts';
import { vendorAggregate } from '../vendor/vendor.ts';
import type { FoundVendor } from '../vendor/vendor-queries.ts';
import { FIND_VENDORS } from '../vendor/vendor-queries.ts';
import { UsersService } from './users.service.ts';

/** Injects what sends queries to the vendors service. */
export const VENDORS = 'VENDORS';

const TIMEOUT_MS = 2_000;

/** The vendors that users run. */
@Injectable()
export class UserVendorsService {
  constructor(
    private readonly users: UsersService,
    private readonly commands: CommandRunner,
    @Inject(VENDORS) private readonly vendors: ClientProxy,
  ) {}

  /** What the vendors service tells of them: a question over NATS, which needs an answer now. */
  async of(userId: string): Promise<readonly FoundVendor[]> {
    const { state } = await this.users.read(userId);
    const own = Object.values(state.integrations).filter(({ provider }) => provider === VENDOR_PROVIDER);
    const ids = own.map(({ externalId }) => externalId);
    if (ids.length === 0) return [];
    try {
      return await firstValueFrom(this.vendors.send<FoundVendor[]>(FIND_VENDORS, { ids }).pipe(timeout(TIMEOUT_MS)));
    } catch (cause) {
      const detail = 'The vendors service does not answer queries. Ask again.';
      throw new HttpProblem(503, 'vendors-unavailable', 'The vendors service cannot be reached', detail, {}, { cause });
    }
  }

  /** Who runs a vendor, by the vendor's own events. */
  async ownerOf(vendorId: string): Promise<string> {
    const { state } = await this.commands.read(vendorAggregate, vendorId);
    if (state.ownerId === undefined) throw new RejectEvent(`vendor ${vendorId} has no event that names its owner`);
    return state.ownerId;
  }
}
