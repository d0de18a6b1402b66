import { IntegerText } from '../http/query-values.ts';
import { Cursor, Name, PageLimit } from '../read/rules.ts';

/** The query of `GET /events/snapshots`. */
export class SnapshotsQueryDto {
  @Name('Snapshots of this tenant; of all unless given.')
  tenantId?: string;

  @Name('Snapshots of aggregates of this type.')
  aggregateType?: string;

  @PageLimit('Snapshots on a page; 100 unless given.')
  @IntegerText()
  limit?: number;

  @Cursor()
  cursor?: string;
}

/** The path of what is done with one snapshot. */
export class SnapshotPathDto {
  @Name('The aggregate type.')
  type!: string;

  @Name('The aggregate id.')
  id!: string;
}

/** The query of what is done with one snapshot. */
export class SnapshotQueryDto {
  @Name('The tenant; default unless given.')
  tenantId?: string;
}
