/**
 * A client of its own: `claim STATE COUNT` claims instance ids;
 * `migrate STATE STEP DOMAIN MODE EMULATOR [finish|cancel]`,
 * `upgrade STATE STEP DOMAIN EMULATOR` and `handback STATE STEP DOMAIN` stand still before a step
 * (`PHASE/STEP`) until they are sent a line. Prints JSON.
 */
import { once } from 'node:events';
import { Engine } from '../../src/engine/engine';
import { asSidestepError } from '../../src/engine/errors';
import type { MigrateOptions } from '../../src/engine/migration/migrate';
import { closeActions } from '../../src/engine/migration/on-close';
import { isMode } from '../../src/engine/mode';
import { openLocalHost } from '../../src/host/local';

const [task, stateFolder, ...rest] = process.argv.slice(2);
const host = openLocalHost();
const engine = await Engine.open(host, stateFolder);

if (task === 'claim') {
  const claims = Array.from({ length: Number(rest[0]) }, () => engine.state.claimInstanceId());
  console.log(JSON.stringify(await Promise.all(claims)));
} else {
  const [stop, domain = '', ...words] = rest;
  const options = {
    beforeStep: async (phase: string, step: string) => {
      if (`${phase}/${step}` !== stop) return;
      console.log(JSON.stringify({ at: stop }));
      await once(process.stdin, 'data');
    },
  };
  await run(domain, words, options)
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

async function run(domain: string, words: readonly string[], options: MigrateOptions) {
  if (task === 'handback') return engine.handBack(domain, options);
  if (task === 'upgrade') {
    const [emulator] = words;
    const from = { uri: 'qemu:///system', domain };
    return engine.upgrade(from, { mode: 'auto', emulator, stay: true }, options);
  }
  const [mode = '', emulator, wish] = words;
  const onClose = closeActions.find((action) => action === wish);
  return engine.migrate(
    { domain, mode: isMode(mode) ? mode : 'auto', emulator },
    { ...options, onClose },
  );
}
