/** `npm run test:faults -- [--seed N --count N] [--case TEXT]`: the whole fault matrix, or a part of it. */
import { parseArgs } from 'node:util';
import { runMocha } from './mocha.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string', default: 'all' },
    case: { type: 'string' },
  },
});
const only = values.case === undefined ? [] : ['--fgrep', values.case];
process.exitCode = runMocha(['test/faults/matrix.test.ts', ...only], {
  SIDESTEP_FAULTS: values.count,
  ...(values.seed !== undefined && { SIDESTEP_SEED: values.seed }),
});
