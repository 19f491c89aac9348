import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Rejects where the program fails. */
export const run = promisify(execFile);
