/** Shared Jest settings. Tests run as native ES modules, compiled by SWC, against workspace *sources* (no build first). */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@annals/source', 'node', 'node-addons'] },
  testMatch: ['**/src/**/*.test.ts'],
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
