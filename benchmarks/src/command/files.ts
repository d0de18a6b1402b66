import { fileURLToPath } from 'node:url';

/** Where runs leave their results, and where the report finds them. */
export const RESULTS_DIRECTORY = fileURLToPath(new URL('../../results', import.meta.url));

/** Notes to targets, written by hand. */
export const NOTES_FILE = fileURLToPath(new URL('../../notes.json', import.meta.url));

/** The published page. */
export const REPORT_FILE = fileURLToPath(new URL('../../../docs/reference/benchmarks.md', import.meta.url));
