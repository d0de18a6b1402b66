import { IntegerText } from '../http/query-values.ts';
import { Cursor, PageLimit } from '../read/rules.ts';
import { SubscriptionName } from '../subscription/subscription.dto.ts';

/** The path of what is done with one projection. */
export class ProjectionPathDto {
  @SubscriptionName('The name of the projection.')
  name!: string;
}

/** The query of `GET /events/projections`. */
export class ProjectionsQueryDto {
  @PageLimit('Projections on a page; 100 unless given.')
  @IntegerText()
  limit?: number;

  @Cursor()
  cursor?: string;
}
