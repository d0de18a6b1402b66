export { guardAgainstOrphan } from './orphan-guard.mjs';
