/**
 * The beginning of a file that `virsh restore` reads: a header, the domain's XML, and then QEMU's
 * migration stream. (libvirt's src/qemu/qemu_saveimage.h.)
 */

const magic = 'LibvirtQemudSave';
const version = 2;
const headerBytes = 92;

export interface SaveImage {
  /** The domain's live XML, secrets included. */
  readonly xml: string;
  /** Whether the guest is to run as soon as it is restored. */
  readonly running: boolean;
}

/** Header and XML; numbers are in the host's byte order, little on all that this runs on. */
export function saveImageHead({ xml, running }: SaveImage): Buffer {
  const text = Buffer.from(`${xml}\0`);
  const header = Buffer.alloc(headerBytes);
  header.write(magic, 'latin1');
  header.writeUInt32LE(version, 16);
  header.writeUInt32LE(text.length, 20);
  header.writeUInt32LE(running ? 1 : 0, 24);
  // Compression, offset of a cookie, and the unused rest: none.
  return Buffer.concat([header, text]);
}
