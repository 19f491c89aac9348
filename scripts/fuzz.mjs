/** `npm run test:fuzz -- --minutes N [--seed S]` */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { repository } from './setup/cache.mjs';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' } },
});
// Without the settings, which name all tests.
const mocha = [
  '--import',
  'tsx',
  'node_modules/mocha/bin/mocha.js',
  '--no-config',
  '--timeout',
  '60000',
];
const { status } = spawnSync(process.execPath, [...mocha, 'test/fuzz/*.test.ts'], {
  cwd: repository,
  env: {
    ...process.env,
    SIDESTEP_FUZZ_MINUTES: values.minutes,
    ...(values.seed !== undefined && { SIDESTEP_FUZZ_SEED: values.seed }),
  },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
