/** What cannot be had of a libvirt, told by what virsh printed. */

export type LibvirtErrorCode =
  /** The host has no `virsh`. */
  | 'NO_VIRSH'
  /** No daemon answers at the connection's URI, or it went away in the middle. */
  | 'LIBVIRT_UNREACHABLE'
  /** The host has no `virt-admin`. */
  | 'NO_VIRT_ADMIN'
  /** It lets this user not in. */
  | 'LIBVIRT_DENIED'
  /** It lets this user not change what it logs. */
  | 'LIBVIRT_ADMIN_DENIED'
  /** virsh did not come to its end in time. */
  | 'LIBVIRT_TIMEOUT'
  /** It knows no such domain. */
  | 'NO_LIBVIRT_DOMAIN'
  /** It is at work on the domain, and does not let go of it. */
  | 'LIBVIRT_BUSY'
  /** Anything else it refuses, in its own words. */
  | 'LIBVIRT_REFUSED';

export class LibvirtError extends Error {
  override readonly name = 'LibvirtError';

  constructor(
    readonly code: LibvirtErrorCode,
    message: string,
    /** What it is about: a connection's URI. */
    readonly subject: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** What the user can do about it. */
  get hint(): string | undefined {
    return hints[this.code];
  }
}

const hints: Readonly<Partial<Record<LibvirtErrorCode, string>>> = {
  LIBVIRT_UNREACHABLE:
    'Start the daemon that is used here: `systemctl start libvirtd`, or virtqemud.',
  LIBVIRT_DENIED: 'Act as root, or add your user to the group libvirt.',
  LIBVIRT_ADMIN_DENIED: 'What it logs is for root to change.',
  LIBVIRT_TIMEOUT: 'Its daemon may hang: see whether `virsh list` answers.',
  NO_LIBVIRT_DOMAIN: '`virsh list --all` shows those there are.',
  LIBVIRT_BUSY: 'Wait for the job that `virsh domjobinfo` shows, or abort it.',
};

/**
 * What libvirt says, the first that fits. Beginnings of messages are those of its error numbers
 * (`virErrorMsg` in src/util/virerror.c); a connection that is not or breaks has no number of its own.
 */
const meanings: readonly (readonly [RegExp, LibvirtErrorCode])[] = [
  [
    /Failed to connect socket to '.*': Permission denied|authentication (failed|cancelled|unavailable)|access denied:/,
    'LIBVIRT_DENIED',
  ],
  [
    /failed to connect to the hypervisor|Failed to connect socket|client socket is closed|Cannot (recv|write) data|End of file while reading data/,
    'LIBVIRT_UNREACHABLE',
  ],
  [/failed to get domain|Domain not found|no domain with matching/, 'NO_LIBVIRT_DOMAIN'],
  [/Timed out during operation/, 'LIBVIRT_BUSY'],
];

/**
 * @param stderr of virsh, in English: lines `error: ...`, and lines that go on from them
 * @param status its exit status, for a virsh that says nothing
 */
export function virshRefusal(
  stderr: string,
  status: number | undefined,
  uri: string,
): LibvirtError {
  const said = stderr
    .split('\n')
    .map((line) => line.replace(/^error: /, '').trim())
    .filter((line) => line !== '')
    .join(' ');
  const code = meanings.find(([words]) => words.test(said))?.[1] ?? 'LIBVIRT_REFUSED';
  const words = said === '' ? `virsh ended with status ${String(status)}` : said;
  return new LibvirtError(code, `libvirt (${uri}): ${words}`, uri);
}

/** virsh was ended, for it had no answer. */
export function virshTimeout(uri: string): LibvirtError {
  return new LibvirtError('LIBVIRT_TIMEOUT', `libvirt (${uri}) does not answer.`, uri);
}
