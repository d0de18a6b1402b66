import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: import.meta.dirname.split('/').pop(), rootDir: import.meta.dirname };
