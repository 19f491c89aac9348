/**
 * `npm run test:faults -- [--seed N --count N] [--case TEXT] [--without-libvirt]`: the whole fault matrix,
 * or a part of it, of the engine's own domains and then of libvirt's.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { runMocha } from './mocha.mjs';
import { repository } from './setup/cache.mjs';

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
  ...(values.seed !== undefined && { SIDESTEP_SEED: values.seed }),
};

let status = runMocha(['test/faults/matrix.test.ts', ...only], settings);
if (!values['without-libvirt']) {
  const run = ['test/libvirt/run.mjs', 'test/libvirt/matrix.libvirt.ts', ...only];
  const env = { ...process.env, ...settings };
  const libvirt = spawnSync(process.execPath, run, { cwd: repository, env, stdio: 'inherit' });
  status ||= libvirt.status ?? 1;
}
process.exitCode = status;
