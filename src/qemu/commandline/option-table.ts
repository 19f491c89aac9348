/**
 * QEMU's options: which take a value, and which key the first part of that value stands for when
 * it is written without one. After qemu-options.hx and the `implied_opt_name`s of QEMU 7.2 and
 * 10.0, with the options that older versions had, so that their command lines can still be read.
 */

/** Options without a value. */
const flags: ReadonlySet<string> = new Set(
  `S async-teardown audio-help daemonize enable-kvm enable-sync-profile full-screen help jitdump
  mem-prealloc no-acpi no-fd-bootchk no-hpet no-reboot no-shutdown no-user-config nodefaults
  nographic old-param only-migratable perfmap portrait preconfig s semihosting singlestep snapshot
  usb version win2k-hack xen-attach xen-domid-restrict
  alt-grab ctrl-grab curses enable-fips enable-hax igd-passthru localtime no-frame no-kvm
  no-kvm-irqchip no-kvm-pit no-kvm-pit-reinjection no-quit nodefconfig rtc-td-hack sdl show-cursor
  std-vga tdf xen-create`.split(/\s+/),
);

/** Options with a value. */
const valued: ReadonlySet<string> = new Set(
  `D L accel acpitable action add-fd append audio audiodev bios blockdev boot cdrom chardev chroot
  compat cpu d debugcon device dfilter display drive dtb dump-vmstate echr fda fdb fsdev fw_cfg g
  gdb global hda hdb hdc hdd icount incoming initrd iscsi k kernel loadvm m machine mem-path mon
  monitor msg mtdblock name net netdev nic numa object option-rom overcommit parallel pflash pidfile
  plugin prom-env qmp qmp-pretty qtest qtest-log readconfig rotate rtc run-with runas sandbox sd
  seed semihosting-config serial set shim smbios smp spice tpmdev trace usbdevice uuid vga virtfs
  vnc watchdog-action xen-domid
  balloon bt clock hdachs realtime soundhw startdate tb-size virtioconsole watchdog
  writeconfig`.split(/\s+/),
);

const impliedKeys: ReadonlyMap<string, string> = new Map([
  ['accel', 'accel'],
  ['acpitable', 'data'],
  ['audio', 'driver'],
  ['audiodev', 'driver'],
  ['blockdev', 'driver'],
  ['boot', 'order'],
  ['chardev', 'backend'],
  // QEMU splits -cpu by hand and has no name for the model; its -help has.
  ['cpu', 'model'],
  ['device', 'driver'],
  ['display', 'type'],
  ['fsdev', 'fsdriver'],
  ['fw_cfg', 'name'],
  ['icount', 'shift'],
  ['m', 'size'],
  ['machine', 'type'],
  ['mon', 'chardev'],
  ['name', 'guest'],
  ['net', 'type'],
  ['netdev', 'type'],
  ['nic', 'type'],
  ['numa', 'type'],
  ['object', 'qom-type'],
  ['option-rom', 'romfile'],
  ['plugin', 'file'],
  ['sandbox', 'enable'],
  ['semihosting-config', 'enable'],
  ['smp', 'cpus'],
  ['tpmdev', 'type'],
  ['trace', 'enable'],
  ['virtfs', 'fsdriver'],
  ['vnc', 'vnc'],
]);

/** Second names of options. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['M', 'machine'],
  ['h', 'help'],
]);

/** The one name of an option that has two: `machine` for `M`. */
export function canonicalName(name: string): string {
  return aliases.get(name) ?? name;
}

export function isKnownOption(name: string): boolean {
  const canonical = canonicalName(name);
  return flags.has(canonical) || valued.has(canonical);
}

/** False also for an option that is not known. */
export function takesValue(name: string): boolean {
  return valued.has(canonicalName(name));
}

/** The key that the first part of the option's value stands for if written without one. */
export function impliedKey(name: string): string | undefined {
  return impliedKeys.get(canonicalName(name));
}
