import { PROCESS_INSTANCE_STATE_NAMES, type ProcessInstanceStateName } from '@annals/contract';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IntegerText, Must } from '../http/query-values.ts';
import { Raw } from '../http/raw-value.ts';
import { Cursor, Name, Optional, PageLimit, once } from '../read/rules.ts';
import { SubscriptionName } from '../subscription/subscription.dto.ts';

/** The path of what is done with one process. */
export class ProcessPathDto {
  @SubscriptionName('The name of the process.')
  name!: string;
}

/** The path of what is done with one instance. */
export class InstancePathDto extends ProcessPathDto {
  @Name('The correlation key of the instance.')
  key!: string;
}

/** The query of `GET /events/processes`. */
export class ProcessesQueryDto {
  @PageLimit('Processes on a page; 100 unless given.')
  @IntegerText()
  limit?: number;

  @Cursor()
  cursor?: string;
}

const STATES: readonly unknown[] = PROCESS_INSTANCE_STATE_NAMES;

/** The query of `GET /events/processes/:name/instances`. */
export class InstancesQueryDto {
  @ApiPropertyOptional({ description: 'Instances in this state.', enum: [...PROCESS_INSTANCE_STATE_NAMES] })
  @Optional()
  @Must('state', once((value) => (STATES.includes(value) ? undefined : `must be one of ${STATES.join(', ')}`)))
  state?: ProcessInstanceStateName;

  @Name('Instances of this tenant; of all unless given.')
  tenantId?: string;

  @PageLimit('Instances on a page; 100 unless given.')
  @IntegerText()
  limit?: number;

  @Cursor()
  cursor?: string;
}

/** The body of `POST /events/processes/:name/instances/:key/end`; its reason is checked by the store's own rules. */
export class EndInstanceDto {
  @ApiPropertyOptional({ type: String, maxLength: 1_000, description: 'It is kept with the instance.' })
  @Raw()
  reason?: unknown;

  @Name('The tenant; default unless given.')
  tenantId?: string;
}
