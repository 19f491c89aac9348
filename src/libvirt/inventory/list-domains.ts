import { HostError } from '../../host/errors';
import type { Host } from '../../host/host';
import { connectionUris, type ConnectionUri } from '../connections';
import { virshTimeout } from '../errors';
import { virshEnvironment } from '../virsh';
import { listingCommand, parseListing, type ConnectionListing } from './listing';

/** A daemon that hangs keeps nobody waiting longer, in ms. */
const timeoutMs = 10_000;

/**
 * What the libvirts of a host have, in one round trip; one that is not there is left out. No daemon
 * is started.
 */
export async function listDomains(host: Host, signal?: AbortSignal): Promise<ConnectionListing[]> {
  // Root has no session: it would be given the system's domains as such.
  const uris = connectionUris.filter((uri) => host.facts.uid !== 0 || uri === 'qemu:///system');
  const listings = await Promise.all(uris.map((uri) => listConnection(host, uri, signal)));
  return listings.filter((listing) => listing !== undefined);
}

async function listConnection(
  host: Host,
  uri: ConnectionUri,
  signal: AbortSignal | undefined,
): Promise<ConnectionListing | undefined> {
  try {
    const { status, stdout, stderr } = await host.run(listingCommand(uri), {
      env: virshEnvironment,
      timeoutMs,
      ...(signal && { signal }),
    });
    return parseListing(uri, { status, stdout: stdout.toString(), stderr: stderr.toString() });
  } catch (error) {
    if (!(error instanceof HostError && error.code === 'TIMEOUT')) throw error;
    return { uri, error: virshTimeout(uri) };
  }
}
