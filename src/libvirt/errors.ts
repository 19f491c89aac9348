/** What cannot be had of a libvirt. */
export type LibvirtErrorCode =
  /** The host has no `virsh`. */
  | 'NO_VIRSH'
  /** No daemon answers at the connection's URI, or it lets us not in. */
  | 'LIBVIRT_UNREACHABLE'
  /** It knows no such domain. */
  | 'NO_LIBVIRT_DOMAIN'
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
}
