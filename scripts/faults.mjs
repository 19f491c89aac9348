/**
 * `npm run test:faults -- [--seed N --count N] [--case TEXT] [--without-libvirt]`: the whole fault matrix,
 * or a part of it: of the engine's own domains, and of libvirt's with either libvirt. The last line is
 * `N of N passed`.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { runMocha } from './mocha.mjs';
import { repository } from './setup/cache.mjs';
import { counted } from './test/counts.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string', default: 'all' },
    case: { type: 'string' },
    'without-libvirt': { type: 'boolean', default: false },
  },
});
const only = values.case === undefined ? [] : ['--fgrep', values.case];
const settings = {
  SIDESTEP_FAULTS: values.count,
  SIDESTEP_SEED: values.seed ?? String(Date.now() % 100_000),
};

/** @type {((env: NodeJS.ProcessEnv) => boolean)[]} */
const runs = [
  (env) => {
    const words = ['--reporter=scripts/test/reporter.mjs', 'test/faults/matrix.test.ts', ...only];
    return runMocha(words, { ...settings, ...env }) === 0;
  },
  ...['bookworm', 'trixie'].map((room) => (/** @type {NodeJS.ProcessEnv} */ env) => {
    const words = ['--room', room, 'test/libvirt/matrix.libvirt.ts', ...only];
    const { status } = spawnSync(process.execPath, ['test/libvirt/run.mjs', ...words], {
      cwd: repository,
      env: { ...process.env, ...settings, ...env },
      stdio: 'inherit',
    });
    return status === 0;
  }),
];

let passed = 0;
let failed = 0;
for (const run of values['without-libvirt'] ? runs.slice(0, 1) : runs) {
  const counts = await counted(run, { mayBeEmpty: only.length > 0 });
  passed += counts.passed;
  failed += counts.failed;
}
console.log(`${passed} of ${passed + failed} passed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
