import type { AggregateKind, AggregateLife, Happening, Surroundings } from '../aggregate-life.ts';
import { longTailedSize } from '../aggregate-size.ts';
import type { Random } from '../random.ts';
import { COMMIT_SUBJECTS, LOGINS, REPOSITORY_NAMES } from '../vocabulary.ts';

/** Created once, then pushed to, starred and built; a busy one has thousands of events. */
export const repositoryKind: AggregateKind = {
  aggregateType: 'repository',
  weight: 4,
  size: (random) => longTailedSize(random, 4, 1_000),
  next(life, around) {
    const { random } = around;
    if (life.version === 0) return created(life, random);
    const what = random.below(100);
    if (what < 45) return pushed(random);
    if (what < 75) return buildFinished(life, random);
    if (what < 90) return starred(life, random);
    return released(life, around);
  },
};

function created(life: AggregateLife, random: Random): Happening {
  const owner = random.pick(LOGINS);
  Object.assign(life.memory, { stars: 0, builds: 0, minor: 0 });
  return {
    type: 'repository.created',
    userId: owner,
    data: {
      fullName: `${owner}/${random.pick(REPOSITORY_NAMES)}-${life.number}`,
      description: 'Service of the storefront platform, see the handbook for how to run it on your machine.',
      private: random.chance(40),
      defaultBranch: 'main',
      language: random.pick(['TypeScript', 'Go', 'Rust', 'Python']),
      license: random.pick(['Apache-2.0', 'MIT', null]),
      topics: [random.pick(['payments', 'search', 'mobile']), random.pick(['internal', 'library'])],
    },
  };
}

function pushed(random: Random): Happening {
  const author = random.pick(LOGINS);
  const commits = Array.from({ length: random.between(1, 2) }, () => ({
    sha: random.hex(40),
    message: random.pick(COMMIT_SUBJECTS),
    changed: { files: random.between(1, 14), additions: random.between(1, 240), deletions: random.between(0, 120) },
  }));
  return {
    type: 'repository.pushed',
    userId: author,
    data: {
      ref: `refs/heads/${random.pick(['main', 'next', 'fix/rounding'])}`,
      forced: random.chance(3),
      author,
      commits,
    },
  };
}

function buildFinished(life: AggregateLife, random: Random): Happening {
  const build = (life.memory['builds'] as number) + 1;
  life.memory['builds'] = build;
  const failed = random.chance(12);
  return {
    type: 'repository.build.finished',
    userId: 'ci',
    data: {
      build,
      sha: random.hex(40),
      workflow: random.pick(['check', 'release', 'nightly']),
      conclusion: failed ? 'failure' : 'success',
      seconds: random.between(31, 1_400),
      runner: `linux-x64-${random.between(1, 32)}`,
      jobs: { lint: 'success', types: 'success', tests: failed ? 'failure' : 'success', image: 'skipped' },
      artifacts: [`coverage-${random.hex(12)}.zip`],
      attempt: random.between(1, 2),
    },
  };
}

function starred(life: AggregateLife, random: Random): Happening {
  const stars = (life.memory['stars'] as number) + 1;
  life.memory['stars'] = stars;
  const login = `${random.pick(LOGINS)}-${random.between(1, 9_999)}`;
  return {
    type: 'repository.starred',
    userId: login,
    data: {
      login,
      stars,
      profile: {
        url: `https://git.example.com/${login}`,
        avatar: `https://avatars.example.com/u/${random.between(1_000, 9_999_999)}?v=4`,
        followers: random.between(0, 900),
      },
      organisations: [random.pick(['kernel-club', 'fediverse', 'civic-tech']), random.pick(LOGINS)],
      memberSince: `20${random.between(10, 24)}-0${random.between(1, 9)}-1${random.between(0, 9)}T08:00:00Z`,
      seenOn: random.pick(['trending', 'search', 'a link', 'the readme of another project']),
    },
  };
}

function released(life: AggregateLife, { random }: Surroundings): Happening {
  const minor = (life.memory['minor'] as number) + 1;
  life.memory['minor'] = minor;
  return {
    type: 'repository.released',
    userId: random.pick(LOGINS),
    data: {
      tag: `v1.${minor}.0`,
      name: `1.${minor}.0`,
      prerelease: random.chance(10),
      notes: [random.pick(COMMIT_SUBJECTS), random.pick(COMMIT_SUBJECTS), random.pick(COMMIT_SUBJECTS)],
      assets: [{ name: 'app-linux-x64.tar.gz', bytes: random.between(900_000, 40_000_000), sha256: random.hex(64) }],
    },
  };
}
