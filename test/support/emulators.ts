/** The two QEMUs that every test of the engine runs on; `npm run setup` installs both. */
import { join } from 'node:path';
import * as installed from '../../scripts/setup/cache.mjs';

/** In a room of test/libvirt they lie elsewhere. */
export const qemu72 = process.env['SIDESTEP_QEMU72'] ?? installed.qemu72;
export const qemu100 = process.env['SIDESTEP_QEMU100'] ?? installed.qemu100;

/** The second one's binary, which finds its libraries by its wrapper only. */
export const qemu100Binary = join(installed.trixieRoot, 'usr/bin/qemu-system-x86_64');
