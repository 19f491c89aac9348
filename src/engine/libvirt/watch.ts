/** Tells when something has happened to libvirt's domains, or to libvirt itself. */
import type { Disposable, Host } from '../../host/host';
import { followLifecycle } from '../../libvirt/events';
import { Virsh } from '../../libvirt/virsh';

export class LibvirtWatch implements Disposable {
  readonly #ended = new AbortController();
  readonly #followed = new Set<string>();
  /** Those that answer, and cannot be listened to all the same: they are not tried again and again. */
  readonly #mute = new Set<string>();
  readonly #folders: readonly Disposable[];

  constructor(
    private readonly host: Host,
    private readonly onChange: () => void,
  ) {
    // The sockets of the daemons: when one is started it makes them.
    const { runtimeDir } = host.facts;
    this.#folders = ['/run', ...(runtimeDir === undefined ? [] : [runtimeDir])].map((folder) =>
      host.watchFolder(`${folder}/libvirt`, onChange),
    );
  }

  /** Listens to those that have answered just now; one that is listened to already goes on being so. */
  follow(uris: readonly string[]): void {
    for (const uri of this.#mute) if (!uris.includes(uri)) this.#mute.delete(uri);
    for (const uri of uris) {
      if (!this.#followed.has(uri) && !this.#mute.has(uri)) void this.#follow(uri);
    }
  }

  dispose(): void {
    this.#ended.abort();
    for (const folder of this.#folders) folder.dispose();
  }

  async #follow(uri: string): Promise<void> {
    this.#followed.add(uri);
    this.#mute.add(uri);
    try {
      await followLifecycle(
        new Virsh(this.host, uri),
        () => {
          this.#mute.delete(uri);
          this.onChange();
        },
        this.#ended.signal,
      );
    } catch {
      // The next look at its domains says why.
    }
    this.#followed.delete(uri);
    if (!this.#ended.signal.aborted) this.onChange();
  }
}
