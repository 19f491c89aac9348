/** This machine, as a host. */
import { Engine } from '../../engine/engine';
import { SidestepError } from '../../engine/errors';
import { openLocalHost } from '../../host/local';
import type { OpenHost } from './host-link';

/**
 * @param stateFolder where the state lies, if not in the default folder
 * @throws SidestepError `NOT_LINUX`, and as of `Engine.open`
 */
export async function openLocal(stateFolder: string | undefined): Promise<OpenHost> {
  if (process.platform !== 'linux') {
    throw new SidestepError(
      'NOT_LINUX',
      `VMs are moved on Linux, and this machine runs ${process.platform}.`,
      { hint: 'Add the Linux host that your VMs run on.' },
    );
  }
  const host = openLocalHost();
  try {
    const engine = await Engine.open(host, stateFolder);
    return {
      engine,
      // It goes when we go.
      lost: new Promise(() => undefined),
      async close() {
        await engine.close();
        await host.dispose();
      },
    };
  } catch (error) {
    await host.dispose();
    throw error;
  }
}
