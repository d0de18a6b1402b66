import {
  isLast,
  type AggregateKind,
  type AggregateLife,
  type Happening,
  type Surroundings,
} from '../aggregate-life.ts';
import { longTailedSize } from '../aggregate-size.ts';
import type { Random } from '../random.ts';
import { COMMENTS, ISSUE_TITLES, LABELS, LOGINS } from '../vocabulary.ts';

/** Opened, discussed, closed. */
export const issueKind: AggregateKind = {
  aggregateType: 'issue',
  weight: 20,
  size: (random) => longTailedSize(random, 2, 64),
  next(life, around) {
    const { random } = around;
    if (life.version === 0) return opened(life, around);
    if (isLast(life)) return closed(life, random);
    const what = random.below(100);
    if (what < 65) return commented(life, random);
    if (what < 85) return labelled(life, random);
    return assigned(life, random);
  },
};

function opened(life: AggregateLife, { random, someId }: Surroundings): Happening {
  const repositoryId = someId('repository');
  const title = random.pick(ISSUE_TITLES);
  Object.assign(life.memory, { repositoryId, title, comments: 0 });
  return {
    type: 'issue.opened',
    userId: random.pick(LOGINS),
    data: {
      repositoryId,
      number: life.number,
      title,
      body: `Steps: start the service, open the page and wait a minute. Expected: the same as before the update. ${random.pick(COMMENTS)}`,
      labels: [random.pick(LABELS)],
      environment: {
        version: `1.${random.between(0, 40)}.${random.between(0, 9)}`,
        os: random.pick(['linux', 'macos', 'windows']),
      },
    },
  };
}

function commented(life: AggregateLife, random: Random): Happening {
  const comments = (life.memory['comments'] as number) + 1;
  life.memory['comments'] = comments;
  return {
    type: 'issue.commented',
    userId: random.pick(LOGINS),
    data: {
      repositoryId: life.memory['repositoryId'],
      number: life.number,
      commentId: random.between(1_000_000, 99_999_999),
      body: random.pick(COMMENTS),
      url: `https://git.example.com/issues/${life.number}#comment-${comments}`,
      association: random.pick(['MEMBER', 'CONTRIBUTOR', 'NONE']),
      reactions: { up: random.between(0, 12), down: random.between(0, 2), eyes: random.between(0, 4) },
      comments,
    },
  };
}

function labelled(life: AggregateLife, random: Random): Happening {
  return {
    type: 'issue.labelled',
    userId: random.pick(LOGINS),
    data: {
      repositoryId: life.memory['repositoryId'],
      number: life.number,
      title: life.memory['title'],
      label: { name: random.pick(LABELS), colour: random.hex(6), description: 'Used by triage to sort what comes in' },
      triage: { score: random.between(1, 100), area: random.pick(['api', 'ui', 'storage', 'build']), by: 'triage-bot' },
      requestId: random.hex(32),
    },
  };
}

function assigned(life: AggregateLife, random: Random): Happening {
  return {
    type: 'issue.assigned',
    userId: random.pick(LOGINS),
    data: {
      repositoryId: life.memory['repositoryId'],
      number: life.number,
      title: life.memory['title'],
      assignee: {
        login: random.pick(LOGINS),
        team: random.pick(['core', 'web', 'platform']),
        onCall: random.chance(20),
      },
      milestone: {
        title: `Sprint ${random.between(1, 52)}`,
        open: random.between(0, 30),
        closed: random.between(0, 30),
      },
      requestId: random.hex(32),
    },
  };
}

function closed(life: AggregateLife, random: Random): Happening {
  return {
    type: 'issue.closed',
    userId: random.pick(LOGINS),
    data: {
      repositoryId: life.memory['repositoryId'],
      number: life.number,
      title: life.memory['title'],
      reason: random.pick(['completed', 'completed', 'not planned', 'duplicate']),
      closedBy: { commit: random.hex(40), release: `v1.${random.between(0, 60)}.0` },
      comments: life.memory['comments'],
      lastComment: random.pick(COMMENTS),
    },
  };
}
