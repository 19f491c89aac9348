/** `npm run test:soak -- --hops N` */
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

const { values } = parseArgs({ options: { hops: { type: 'string', default: '500' } } });
const { status } = spawnSync('node_modules/.bin/mocha', [...options, 'test/soak/soak.test.ts'], {
  cwd: repository,
  env: { ...process.env, SIDESTEP_HOPS: values.hops },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
