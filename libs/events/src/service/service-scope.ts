import type { AggregateRef, EventStore } from '@annals/core';
import { currentCorrelation } from '../correlation/correlation.ts';
import { type FeatureOption, requireFeature } from '../feature/feature-disabled.ts';
import type { ServiceOptions } from '../options/service-options.ts';
import type { TenantOption } from '../read/replay-options.ts';

/** What all methods of the service go by. */
export abstract class ServiceScope {
  constructor(
    protected readonly store: EventStore,
    protected readonly options: ServiceOptions,
  ) {}

  protected require(option: FeatureOption, method: string): void {
    requireFeature(this.options, option, method);
  }

  protected tenantOf({ tenantId }: TenantOption): string {
    return tenantId ?? currentCorrelation().tenantId ?? this.options.tenantId;
  }

  protected aggregate(id: string, type: string, options: TenantOption): AggregateRef {
    return { id, type, tenantId: this.tenantOf(options) };
  }
}
