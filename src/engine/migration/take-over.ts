/** An address goes to an instance that has another for it, and away from it. */
import { HostError } from '../../host/errors';
import type { Host } from '../../host/host';
import type { QmpClient } from '../../qemu/qmp/client';
import type { TakeBack } from '../plan/plan';

/** @param again whether another client may have done it already */
export async function takeOver(
  host: Host,
  client: QmpClient,
  takeBack: TakeBack,
  again = false,
): Promise<void> {
  switch (takeBack.by) {
    case 'rename': {
      const { from, to } = takeBack;
      await host.files([{ op: 'rename', from, to }]).catch((error: unknown) => {
        const isDone = error instanceof HostError && error.code === 'NO_SUCH_FILE';
        if (!(again && isDone)) throw error;
      });
      return;
    }
    case 'qmp':
      await client.execute(takeBack.command, takeBack.arguments);
      return;
    case 'hmp': {
      if (again && takeBack.inverse !== undefined) await tellHuman(client, takeBack.inverse);
      const said = await tellHuman(client, takeBack.commandLine);
      const isSuccess = takeBack.success !== undefined && said.startsWith(takeBack.success);
      if (said !== '' && !isSuccess) throw new Error(said.replaceAll(/\s*\n\s*/g, '; '));
    }
  }
}

/**
 * An instance gives up an address for a while; to take it over again gives it back.
 * @param aside a path for what it listens on meanwhile
 */
export async function giveUp(
  host: Host,
  client: QmpClient,
  takeBack: TakeBack,
  aside: string,
): Promise<void> {
  switch (takeBack.by) {
    case 'rename':
      await host
        .files([{ op: 'rename', from: takeBack.to, to: takeBack.from }])
        .catch((error: unknown) => {
          // libvirt removes the sockets of a domain that has ended, whosever they are by then.
          if (!(error instanceof HostError && error.code === 'NO_SUCH_FILE')) throw error;
        });
      return;
    case 'qmp':
      await client.execute(takeBack.command, elsewhere(takeBack, aside));
      return;
    case 'hmp':
      await tellHuman(client, takeBack.inverse ?? 'gdbserver none');
  }
}

/** The same listener on a unix socket. */
function elsewhere(
  { command, arguments: given }: Extract<TakeBack, { by: 'qmp' }>,
  path: string,
): Readonly<Record<string, unknown>> {
  if (command === 'display-update') return { ...given, addresses: [{ type: 'unix', path }] };
  const data = { addr: { type: 'unix', data: { path } }, server: true, wait: false };
  return { ...given, backend: { type: 'socket', data } };
}

/** The human monitor has no errors, only what it prints. */
async function tellHuman(client: QmpClient, commandLine: string): Promise<string> {
  const printed = await client.execute('human-monitor-command', { 'command-line': commandLine });
  return typeof printed === 'string' ? printed.trim() : '';
}
