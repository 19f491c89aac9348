/** `npm run test:fuzz -- --minutes N [--seed S]` */
import { parseArgs } from 'node:util';
import { runMocha } from './mocha.mjs';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' } },
});
process.exitCode = runMocha(['test/fuzz/*.test.ts'], {
  SIDESTEP_FUZZ_MINUTES: values.minutes,
  ...(values.seed !== undefined && { SIDESTEP_FUZZ_SEED: values.seed }),
});
