import { Injectable } from '@nestjs/common';
import type { CommandContext } from '../command/command-context.ts';
import { newId } from '../command/command-identity.ts';
import type { CommandResult } from '../command/command-result.ts';
import { CommandRunner } from '../command/command-runner.ts';
import type { ConnectDto } from './connection.dto.ts';
import { connect, connectionAggregate, disconnect, type Connection, type Party } from './connection.ts';

/** Records who is connected; whatever holds the WebSockets calls this when one opens and closes. */
@Injectable()
export class ConnectionsService {
  constructor(private readonly commands: CommandRunner) {}

  async connect(
    party: Party,
    partyId: string,
    { connectionId, ...details }: ConnectDto,
    context: CommandContext,
  ): Promise<{ readonly id: string; readonly result: CommandResult<Connection> }> {
    const id = connectionId ?? newId('ws', context);
    const result = await this.commands.run(connectionAggregate, id, context, (connection) =>
      connect(connection, party, partyId, id, details),
    );
    return { id, result };
  }

  disconnect(
    party: Party,
    partyId: string,
    connectionId: string,
    code: number,
    context: CommandContext,
  ): Promise<CommandResult<Connection>> {
    return this.commands.run(connectionAggregate, connectionId, context, (connection) =>
      disconnect(connection, party, partyId, connectionId, { code, now: Date.now() }),
    );
  }
}
