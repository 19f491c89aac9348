/** A QEMU as libvirt would start it, without what only libvirt itself needs. */
import { parseLaunchScript } from '../../src/qemu/commandline/launch-script';

/** libvirt's monitor, its secrets, the RAM's file (which Sidestep chooses), and what keeps a QEMU in. */
const libvirtsOwn = [
  /^-S$/,
  /^-chardev socket,id=charmonitor,/,
  /^-mon chardev=charmonitor,/,
  /^-object .*"masterKey0"/,
  /^-object .*"qom-type":"memory-backend-/,
  /^-sandbox /,
  /^-name /,
];

/**
 * @param native what `virsh domxml-to-native qemu-argv` prints
 * @returns arguments for a QEMU that has the very same devices
 */
export function withoutLibvirt(native: string): string[] {
  const words = parseLaunchScript(native).arguments;
  const starts = words.flatMap((word, index) => (word.startsWith('-') ? [index] : []));
  const options = starts.map((start, index) => words.slice(start, starts[index + 1]));
  const kept = options.filter((option) => !libvirtsOwn.some((own) => own.test(option.join(' '))));
  return kept.flat().map((word) => word.replace(',memory-backend=pc.ram', ''));
}
