/**
 * A client that dies: migrates as it is told, and kills itself before a step.
 * `node doomed-client.js STATE-FOLDER DOMAIN EMULATOR MODE STEP`
 */
import { Engine } from '../../src/engine/engine';
import { isMode } from '../../src/engine/mode';
import { openLocalHost } from '../../src/host/local';

async function main(): Promise<void> {
  const [stateFolder, domain = '', emulator, mode = '', fatal] = process.argv.slice(2);
  const engine = await Engine.open(openLocalHost(), stateFolder);
  await engine.migrate(
    { domain, emulator, mode: isMode(mode) ? mode : 'auto' },
    {
      beforeStep(_, step) {
        if (step === fatal) process.kill(process.pid, 'SIGKILL');
      },
    },
  );
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
