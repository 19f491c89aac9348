/** `npm run test:faults -- [--seed N --count N] [--case TEXT]`: the whole fault matrix, or a part of it. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { repository } from './setup/cache.mjs';

/** Of .mocharc.json all but its `spec`, which mocha would add to ours. */
const options = [
  '--no-config',
  '--import=tsx',
  '--import=./test/support/python-text.mjs',
  '--timeout=60000',
];

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
    ...options,
    'test/faults/matrix.test.ts',
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
