/** A host behind SSH. */
import { Engine } from '../../engine/engine';
import { openSshHost } from '../../host/ssh';
import { connectSsh } from '../../host/ssh/connect';
import type { Log } from '../log';
import type { Secrets } from '../secrets';
import type { OpenHost, OpenOptions } from './host-link';
import type { HostSettings } from './host-settings';
import { LoggedHost } from './logged-host';
import { rememberedOnly, UserPrompts } from './prompts';

export interface OpenSshOptions extends OpenOptions {
  readonly secrets: Secrets;
  readonly log: Log;
}

/** @throws HostError, as of `connectSsh` and `openSshHost`; SidestepError, as of `Engine.open` */
export async function openSsh(
  { name, destination, sudo, stateDir }: HostSettings,
  { mayAsk, signal, secrets, log }: OpenSshOptions,
): Promise<OpenHost> {
  const user = mayAsk ? new UserPrompts(secrets) : undefined;
  const connection = await connectSsh(destination, {
    prompts: user ?? rememberedOnly(secrets),
    signal,
    onNotice: ({ kind, host, text }) => {
      log.info(`${name}: ${kind} of ${host}: ${text}`);
    },
  });
  log.info(`${name}: logged in to ${connection.destination}`);
  // It closes the connection if it fails.
  const host = await openSshHost(connection, { sudo, signal });
  try {
    const engine = await Engine.open(new LoggedHost(host, log), stateDir);
    void user?.offerToRemember();
    return {
      engine,
      lost: host.closed,
      async close() {
        // Of a connection that is gone, the host lets go by itself.
        await engine.close().catch((error: unknown) => {
          log.trace(`${name}: ${String(error)}`);
        });
        await host.dispose();
      },
    };
  } catch (error) {
    await host.dispose();
    throw error;
  }
}
