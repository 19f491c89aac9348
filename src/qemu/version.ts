/** What a QEMU binary prints of itself when it is run with `--version`. */

export interface QemuVersion {
  /** `10.0.13` */
  readonly version: string;
  /** The packager's addition: `Debian 1:10.0.13+ds-0+deb13u1`; empty if there is none. */
  readonly package: string;
}

/** `QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)`; undefined for any other text. */
export function parseVersion(text: string): QemuVersion | undefined {
  const [, version, added = ''] = /^QEMU emulator version (\S+)(?: \((.*)\))?$/m.exec(text) ?? [];
  return version === undefined ? undefined : { version, package: added };
}
