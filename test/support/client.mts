/**
 * A client of its own: `claim STATE COUNT` claims instance ids, `migrate STATE DOMAIN MODE EMULATOR
 * STEP` migrates and stands still before a step (`PHASE/STEP`) until it is sent a line. Prints JSON.
 */
import { once } from 'node:events';
import { Engine } from '../../src/engine/engine';
import { asSidestepError } from '../../src/engine/errors';
import { isMode } from '../../src/engine/mode';
import { openLocalHost } from '../../src/host/local';

const [task, stateFolder, ...rest] = process.argv.slice(2);
const host = openLocalHost();
const engine = await Engine.open(host, stateFolder);

if (task === 'claim') {
  const claims = Array.from({ length: Number(rest[0]) }, () => engine.state.claimInstanceId());
  console.log(JSON.stringify(await Promise.all(claims)));
} else {
  const [domain = '', mode = '', emulator, stop] = rest;
  await engine
    .migrate(
      { domain, mode: isMode(mode) ? mode : 'auto', emulator },
      {
        beforeStep: async (phase, step) => {
          if (`${phase}/${step}` !== stop) return;
          console.log(JSON.stringify({ at: stop }));
          await once(process.stdin, 'data');
        },
      },
    )
    .then(
      () => ({ outcome: 'moved' }),
      (thrown: unknown) => {
        const { code, details } = asSidestepError(thrown);
        return { outcome: details.outcome, code };
      },
    )
    .then((result) => {
      console.log(JSON.stringify(result));
    });
  process.stdin.destroy();
}
await host.dispose();
