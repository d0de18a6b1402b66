/**
 * Shared Jest settings. Tests run as native ES modules, compiled by SWC, against the workspace's sources (no build first).
 * Tiers show in the file name: `.unit.test.ts`, `.int.test.ts` (real servers), `.e2e.test.ts` (the built program).
 */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@annals/source', 'node', 'node-addons'] },
  testMatch: ['**/src/**/*.test.ts'],
  testTimeout: 30_000,
  maxWorkers: '50%',
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
      },
    ],
  },
};
