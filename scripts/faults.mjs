/** `npm run test:faults -- [--seed N --count N] [--case TEXT]`: the whole fault matrix, or a part of it. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { repository } from './setup/cache.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string', default: 'all' },
    case: { type: 'string' },
  },
});
const { status } = spawnSync(
  'node_modules/.bin/mocha',
  [
    ...['--spec', 'test/faults/matrix.test.ts'],
    ...(values.case === undefined ? [] : ['--fgrep', values.case]),
  ],
  {
    cwd: repository,
    env: {
      ...process.env,
      SIDESTEP_FAULTS: values.count,
      ...(values.seed !== undefined && { SIDESTEP_SEED: values.seed }),
    },
    stdio: 'inherit',
  },
);
process.exitCode = status ?? 1;
