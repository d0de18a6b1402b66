import {
  isLast,
  type AggregateKind,
  type AggregateLife,
  type Happening,
  type Surroundings,
} from '../aggregate-life.ts';
import { longTailedSize } from '../aggregate-size.ts';
import type { Random } from '../random.ts';
import { COMMENTS, COMMIT_SUBJECTS, LOGINS } from '../vocabulary.ts';

/** Opened, reviewed, updated, merged or closed. */
export const pullRequestKind: AggregateKind = {
  aggregateType: 'pull-request',
  weight: 12,
  size: (random) => longTailedSize(random, 3, 32),
  next(life, around) {
    const { random } = around;
    if (life.version === 0) return opened(life, around);
    if (isLast(life)) return ended(life, random);
    return random.chance(55) ? reviewed(life, random) : updated(life, random);
  },
};

function opened(life: AggregateLife, { random, someId }: Surroundings): Happening {
  const repositoryId = someId('repository');
  const author = random.pick(LOGINS);
  Object.assign(life.memory, { repositoryId, author });
  return {
    type: 'pull-request.opened',
    userId: author,
    data: {
      repositoryId,
      number: life.number,
      title: random.pick(COMMIT_SUBJECTS),
      body: `Closes #${random.between(1, 900)}. ${random.pick(COMMENTS)}`,
      head: { ref: `change-${random.hex(6)}`, sha: random.hex(40) },
      base: { ref: 'main', sha: random.hex(40) },
      draft: random.chance(20),
    },
  };
}

function reviewed(life: AggregateLife, random: Random): Happening {
  return {
    type: 'pull-request.reviewed',
    userId: random.pick(LOGINS),
    data: {
      repositoryId: life.memory['repositoryId'],
      number: life.number,
      verdict: random.pick(['approved', 'approved', 'changes requested', 'commented']),
      body: random.pick(COMMENTS),
      comments: [
        { path: `src/${random.pick(['price', 'queue', 'session', 'export'])}.ts`, line: random.between(1, 400) },
      ],
      sha: random.hex(40),
    },
  };
}

function updated(life: AggregateLife, random: Random): Happening {
  return {
    type: 'pull-request.updated',
    userId: life.memory['author'] as string,
    data: {
      repositoryId: life.memory['repositoryId'],
      number: life.number,
      before: random.hex(40),
      after: random.hex(40),
      commits: [{ message: random.pick(COMMIT_SUBJECTS), files: random.between(1, 9) }],
      checks: { queued: random.between(0, 3), passed: random.between(0, 12), failed: random.between(0, 2) },
    },
  };
}

function ended(life: AggregateLife, random: Random): Happening {
  const merged = random.chance(85);
  return {
    type: merged ? 'pull-request.merged' : 'pull-request.closed',
    userId: random.pick(LOGINS),
    data: {
      repositoryId: life.memory['repositoryId'],
      number: life.number,
      ...(merged && { mergeCommit: random.hex(40), method: random.pick(['squash', 'rebase', 'merge']) }),
      statistics: { commits: random.between(1, 12), files: random.between(1, 30), additions: random.between(1, 900) },
      reviews: random.between(1, 5),
      lastComment: random.pick(COMMENTS),
    },
  };
}
