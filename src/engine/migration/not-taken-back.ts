/** Why an address could not be taken back, in one line with what to do. */
import type { Host } from '../../host/host';
import type { TakeBack } from '../plan/plan';
import { messageOf } from './failures';

const isBusy = /Address already in use|Could not set up host forwarding rule/;

export async function notTakenBack(host: Host, { to }: TakeBack, error: unknown): Promise<string> {
  const words = messageOf(error);
  const [, port] = /:(\d+)(?:-|$)/.exec(to) ?? [];
  if (!isBusy.test(words) || port === undefined) return words;
  const stranger = (await listenerOn(host, port)) ?? 'another process';
  return `${stranger} listens there [ADDRESS_BUSY]. End it: the next migration takes the address back.`;
}

/** `nc (pid 4711)`; undefined where that is not ours to see. */
async function listenerOn(host: Host, port: string): Promise<string | undefined> {
  try {
    const { stdout } = await host.run(['ss', '-Hlntup', `sport = :${port}`]);
    const [, name, pid] = /users:\(\("([^"]*)",pid=(\d+)/.exec(stdout.toString()) ?? [];
    return name === undefined ? undefined : `${name} (pid ${pid ?? '?'})`;
  } catch {
    return undefined;
  }
}
