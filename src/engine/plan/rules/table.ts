/** Which rule deals with which option. */
import type { Rule } from '../verdict';
import { startupOptions } from '../start-arguments';
import { chardev, shortForm } from './chardev';
import { confinement } from './confinement';
import { addFd, device, hostFolder, tpmdev, usbdevice } from './devices';
import { blockdev, drive, image, snapshot } from './disk';
import { curses, display, nographic, window } from './display';
import { gdb, gdbShorthand } from './gdbstub';
import { audiodev, log, pidfile, plugin, readconfig, trace } from './logs';
import { cpu, machine } from './machine';
import { network } from './network';
import { memPath, object } from './objects';
import { plain, sharePaths } from './share';
import { spice } from './spice';
import { startup } from './startup';
import { vnc } from './vnc';

const firmware = sharePaths('firmware');

/** Options whose values name nothing of the host. */
const plainOptions = `
  accel action append audio boot cpu d dfilter display echr enable-kvm full-screen g global h
  help icount iscsi k m mem-prealloc mon msg name no-acpi no-fd-bootchk no-hpet no-quit no-reboot
  no-shutdown no-user-config nodefaults numa old-param only-migratable overcommit perfmap
  portrait preconfig prom-env rotate rtc sandbox seed semihosting semihosting-config set smp
  tb-size usb uuid version vga watchdog watchdog-action win2k-hack`;

export const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...names(plainOptions, plain),
  ...names([...startupOptions].join(' '), startup),

  ...names('chardev', chardev),
  ...names('serial parallel debugcon monitor qmp qmp-pretty', shortForm),
  ...names('gdb', gdb),
  ...names('s', gdbShorthand),

  ...names('vnc', vnc),
  ...names('display', display),
  ...names('nographic', nographic),
  ...names('curses', curses),
  ...names('sdl', window),
  ...names('spice', spice),

  ...names('netdev nic net', network),

  ...names('hda hdb hdc hdd cdrom fda fdb mtdblock sd', image('disk')),
  ...names('pflash', image('firmware')),
  ...names('drive', drive),
  ...names('blockdev', blockdev),
  ...names('snapshot', snapshot),

  ...names('bios kernel initrd dtb shim L fw_cfg acpitable smbios option-rom boot', firmware),

  ...names('object', object),
  ...names('mem-path', memPath),
  ...names('machine', machine),
  ...names('cpu', cpu),

  ...names('device', device),
  ...names('usbdevice', usbdevice),
  ...names('tpmdev', tpmdev),
  ...names('fsdev virtfs', hostFolder),
  ...names('add-fd', addFd),

  ...names('D', log),
  ...names('trace', trace),
  ...names('pidfile', pidfile),
  ...names('audiodev', audiodev),
  ...names('plugin', plugin),
  ...names('readconfig', readconfig),
  ...names('chroot runas run-with', confinement),
]);

function names(options: string, rule: Rule): [string, Rule][] {
  return options
    .trim()
    .split(/\s+/)
    .map((name) => [name, rule]);
}
