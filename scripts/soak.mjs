/** `npm run test:soak -- --hops N` */
import { parseArgs } from 'node:util';
import { runMocha } from './mocha.mjs';

const { values } = parseArgs({ options: { hops: { type: 'string', default: '500' } } });
process.exitCode = runMocha(['test/soak/soak.test.ts'], { SIDESTEP_HOPS: values.hops });
