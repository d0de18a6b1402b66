import preset from '../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'tools',
  rootDir: import.meta.dirname,
  testMatch: ['**/*.test.mjs'],
  transform: {},
  collectCoverageFrom: ['**/*.mjs', '!**/*.test.mjs', '!jest.config.mjs'],
};
