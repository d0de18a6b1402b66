import type { ReplayTarget, ValidationProblem } from '@annals/core';
import type { ReplayTargetBody } from '@annals/contract';
import { asRecord } from '../http/as-record.ts';

/** A target as a client wrote it, in the store's words. */
export interface ReadTarget {
  readonly target: ReplayTarget;
  /** The one field of it, for problems. */
  readonly field: string;
}

const FIELDS = ['subscription', 'subscriptions', 'subject', 'webhook', 'url', 'file'] as const;
const RULE =
  'must be an object with one of subscription (a name), subscriptions ("all"), subject, webhook (an address) or file (a name)';

/** Reads a target; undefined after adding to `problems`. What its value may be is the store's to say. */
export function readTarget(value: unknown, problems: ValidationProblem[]): ReadTarget | undefined {
  const given = asRecord(value);
  const [field, ...more] = Object.keys(given ?? {});
  if (field === undefined || more.length > 0 || !(FIELDS as readonly string[]).includes(field)) {
    problems.push({ path: 'target', message: RULE });
    return undefined;
  }
  const content = given![field];
  if (typeof content !== 'string') {
    problems.push({ path: `target.${field}`, message: 'must be a text' });
    return undefined;
  }
  if (field === 'subscriptions' && content !== 'all') {
    problems.push({
      path: 'target.subscriptions',
      message: 'must be "all"; one subscription is named by subscription',
    });
    return undefined;
  }
  return { target: targetOf(field as (typeof FIELDS)[number], content), field };
}

/** A target as clients write it. */
export function targetBody(target: ReplayTarget): ReplayTargetBody {
  switch (target.type) {
    case 'subscription':
      return { subscription: target.name };
    case 'all-subscriptions':
      return { subscriptions: 'all' };
    case 'subject':
      return { subject: target.subject };
    case 'webhook':
      return { webhook: target.url };
    case 'file':
      return { file: target.name };
  }
}

function targetOf(field: (typeof FIELDS)[number], content: string): ReplayTarget {
  switch (field) {
    case 'subscription':
      return { type: 'subscription', name: content };
    case 'subscriptions':
      return { type: 'all-subscriptions' };
    case 'subject':
      return { type: 'subject', subject: content };
    case 'webhook':
    case 'url':
      return { type: 'webhook', url: content };
    case 'file':
      return { type: 'file', name: content };
  }
}
