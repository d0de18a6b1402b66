import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** What each layer may import; imports point inward. Specs may also use the testing layer. */
const LAYERS = {
  core: [],
  contract: [],
  tools: [],
  client: ['contract'],
  jetstream: ['core'],
  'query-index': ['core'],
  sql: ['core'],
  events: ['core', 'jetstream'],
  testing: ['core', 'jetstream', 'tools'],
  gateway: ['core', 'events', 'query-index', 'sql', 'contract'],
  cli: ['client', 'contract'],
  console: ['client', 'contract'],
  example: ['core', 'events', 'sql', 'client', 'contract'],
  benchmark: ['core', 'jetstream', 'sql', 'events', 'client', 'contract', 'testing', 'tools'],
};

const SPECS = ['**/*.test.ts', '**/*.spec-support.ts'];

const NATS = {
  group: ['@nats-io/*', 'nats'],
  message: 'NATS is spoken by libs/jetstream, the transport in libs/events, libs/testing and benchmarks only.',
};
const NEST = {
  group: ['@nestjs/*', 'rxjs', 'reflect-metadata', 'class-validator', 'class-transformer'],
  message: 'Nest is used by libs/events, apps/gateway and examples only.',
};
const NODE_IO = {
  regex:
    '^(node:)?(fs|net|http|http2|https|tls|dgram|dns|child_process|cluster|os|process|worker_threads|readline|repl|inspector|tty)(/|$)',
  message: 'The core does no I/O: take what comes from outside as an argument.',
};
const NODE = { regex: '^node:', message: 'This code also runs in a browser.' };
const INSIDES = {
  regex: '^@annals/[^/]+/(src|dist)(/|$)',
  message: 'A library is entered by its index, not by a file inside.',
};

export default tseslint.config(
  { ignores: ['**/dist', '**/node_modules', '**/coverage', '**/*.d.mts'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true },
      ],
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@nx/enforce-module-boundaries': ['error', boundaries({ inSpecs: false })],
    },
  },
  {
    files: SPECS,
    rules: { '@nx/enforce-module-boundaries': ['error', boundaries({ inSpecs: true })] },
  },
  restricted(['**/*.ts'], [INSIDES, NATS, NEST]),
  restricted(['libs/core/**/*.ts'], [INSIDES, NATS, NEST, NODE_IO]),
  restricted(['libs/contract/**/*.ts', 'libs/client/**/*.ts'], [INSIDES, NATS, NEST, NODE]),
  restricted(['libs/core/**/*.test.ts', 'libs/{contract,client}/**/*.{test,spec-support}.ts'], [INSIDES, NATS, NEST]),
  restricted(['libs/events/**/*.ts', 'apps/gateway/**/*.ts', 'examples/**/*.ts'], [INSIDES, NATS]),
  restricted(
    ['libs/jetstream/**/*.ts', 'libs/testing/**/*.ts', 'benchmarks/**/*.ts', 'faults/**/*.ts'],
    [INSIDES, NEST],
  ),
  restricted(['libs/events/src/transport/**/*.ts', 'libs/events/**/*.test.ts', 'apps/gateway/**/*.test.ts'], [INSIDES]),
);

/** A later block replaces the rule of an earlier one, so each names all that it forbids. */
function restricted(files, patterns) {
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

function boundaries({ inSpecs }) {
  return {
    allow: [],
    // The testing layer runs against core and jetstream, and their specs use it: a loop of specs, never of builds.
    ignoredCircularDependencies: inSpecs
      ? [
          ['core', 'testing'],
          ['jetstream', 'testing'],
        ]
      : [],
    depConstraints: Object.entries(LAYERS).map(([layer, allowed]) => ({
      sourceTag: `layer:${layer}`,
      onlyDependOnLibsWithTags: [...allowed, ...(inSpecs ? ['testing', 'tools', 'core', layer] : [layer])].map(
        (name) => `layer:${name}`,
      ),
    })),
  };
}
