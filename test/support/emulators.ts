/** The two QEMUs that every test of the engine runs on; `npm run setup` installs both. */
export { qemu72, qemu100 } from '../../scripts/setup/cache.mjs';
