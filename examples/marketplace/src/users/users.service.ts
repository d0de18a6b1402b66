import { Injectable } from '@nestjs/common';
import type { CommandContext } from '../command/command-context.ts';
import type { CommandResult } from '../command/command-result.ts';
import { CommandRunner } from '../command/command-runner.ts';
import type { Location } from '../location/location.ts';
import * as decide from '../user/user-decisions.ts';
import type { Integration, UserProfile } from '../user/user-events.ts';
import { userAggregate, type User } from '../user/user.ts';

type Result = Promise<CommandResult<User>>;

/** Each command on a user: which decision it is. */
@Injectable()
export class UsersService {
  constructor(private readonly commands: CommandRunner) {}

  create(id: string, profile: UserProfile, clerkId: string | undefined, context: CommandContext): Result {
    return this.commands.run(userAggregate, id, context, (user) => decide.createUser(user, id, profile, clerkId));
  }

  update(id: string, changes: Partial<UserProfile>, context: CommandContext): Result {
    return this.commands.run(userAggregate, id, context, (user) => decide.updateUser(user, id, changes));
  }

  delete(id: string, reason: string | undefined, context: CommandContext): Result {
    return this.commands.run(userAggregate, id, context, (user) => decide.deleteUser(user, id, reason));
  }

  move(id: string, location: Location, context: CommandContext): Result {
    return this.commands.run(userAggregate, id, context, (user) => decide.moveUser(user, id, location));
  }

  addIntegration(id: string, integration: Integration, context: CommandContext): Result {
    return this.commands.run(userAggregate, id, context, (user) => decide.addIntegration(user, id, integration));
  }

  removeIntegration(id: string, integrationId: string, context: CommandContext): Result {
    return this.commands.run(userAggregate, id, context, (user) => decide.removeIntegration(user, id, integrationId));
  }

  recordVendor(id: string, vendorId: string, context: CommandContext): Result {
    return this.commands.run(userAggregate, id, context, (user) => decide.recordVendor(user, vendorId));
  }

  read(id: string): Promise<{ readonly state: User; readonly version: number }> {
    return this.commands.read(userAggregate, id);
  }
}
