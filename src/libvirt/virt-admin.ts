/** A daemon's own settings, by libvirt's client for them. */
import { HostError } from '../host/errors';
import type { Host } from '../host/host';
import { LibvirtError, virshRefusal, virshTimeout } from './errors';
import { typedFilters, type LogSettings } from './log-settings';
import { virshEnvironment } from './virsh';

/** A daemon answers at once. */
const timeoutMs = 15_000;

export class VirtAdmin {
  constructor(
    private readonly host: Host,
    /** `libvirtd:///system` */
    private readonly uri: string,
  ) {}

  /** @throws LibvirtError, HostError */
  async logSettings(): Promise<LogSettings> {
    const said = await this.#run(
      "echo '@outputs@'; daemon-log-outputs; echo '@filters@'; daemon-log-filters",
    );
    const [, outputs, filters] = /@outputs@(.*)\n\s*@filters@(.*)/.exec(said) ?? [];
    if (outputs === undefined || filters === undefined) {
      // What is not known could not be put back.
      const message = `virt-admin (${this.uri}) says of the log what Sidestep does not understand: ${said}`;
      throw new LibvirtError('LIBVIRT_REFUSED', message, this.uri);
    }
    return { outputs: outputs.trim(), filters: filters.trim() };
  }

  /**
   * Changes them while the daemon runs; its configuration stays as it is.
   * @throws LibvirtError, HostError
   */
  async setLogSettings(settings: LogSettings, now: LogSettings): Promise<void> {
    const set = {
      outputs: () => this.#run('daemon-log-outputs', settings.outputs),
      filters: () => this.#run('daemon-log-filters', typedFilters(settings)),
    };
    // Where more is logged to is there before, and until, more is logged.
    const isMore = settings.outputs.length > now.outputs.length;
    for (const what of isMore
      ? (['outputs', 'filters'] as const)
      : (['filters', 'outputs'] as const)) {
      if (settings[what] !== now[what]) await set[what]();
    }
  }

  async #run(...args: readonly string[]): Promise<string> {
    try {
      const { status, stdout, stderr } = await this.host.run(
        ['virt-admin', '-q', '-c', this.uri, ...args],
        { env: virshEnvironment, timeoutMs },
      );
      if (status === 0) return stdout.toString();
      const refusal = virshRefusal(stderr.toString(), status, this.uri);
      throw refusal.code === 'LIBVIRT_DENIED'
        ? new LibvirtError('LIBVIRT_ADMIN_DENIED', refusal.message, this.uri, { cause: refusal })
        : refusal;
    } catch (error) {
      const code = error instanceof HostError ? error.code : undefined;
      if (code === 'TIMEOUT') throw virshTimeout(this.uri);
      if (code !== 'NO_SUCH_FILE') throw error;
      throw new LibvirtError(
        'NO_VIRT_ADMIN',
        `${this.host.name} has no virt-admin, which libvirt's log is asked for with. Install it there (libvirt-clients, libvirt-client).`,
        this.uri,
        { cause: error },
      );
    }
  }
}
