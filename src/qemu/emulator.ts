/** What a QEMU binary is and can do, as the binary itself says when asked by QMP. */

export interface MachineType {
  readonly name: string;
  /** The name an alias such as `q35` stands for is this machine's. */
  readonly alias: string | undefined;
  readonly isDefault: boolean;
  readonly deprecated: boolean;
  /** Name of the main RAM block, and the backend id that keeps it: `pc.ram`. Missing if the machine takes no `memory-backend`. */
  readonly defaultRamId: string | undefined;
  /** `qemu64-x86_64-cpu` */
  readonly defaultCpuType: string | undefined;
}

export interface Emulator {
  /** As it is started: a path, possibly of a wrapper script. */
  readonly path: string;
  /** `10.0.13`, and the packager's addition: `(Debian 1:10.0.13+ds-0+deb13u1)`. */
  readonly version: string;
  readonly package: string;
  /** `x86_64` */
  readonly target: string;
  readonly machines: readonly MachineType[];
  readonly migrationCapabilities: ReadonlySet<string>;
  readonly migrationParameters: ReadonlySet<string>;
  /** Members of the QAPI enum MigMode: `normal`, `cpr-reboot`, `cpr-transfer` ... */
  readonly migrationModes: ReadonlySet<string>;
  /** QMP commands it knows. */
  readonly commands: ReadonlySet<string>;
  /** Option groups (`query-command-line-options`): option to its parameters' names. */
  readonly options: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The machine type a name stands for: an alias's machine, or the name itself if the emulator has it. */
export function resolveMachine(emulator: Emulator, name: string): MachineType | undefined {
  return emulator.machines.find((machine) => machine.name === name || machine.alias === name);
}

/** The machine type without `-machine`. */
export function defaultMachine(emulator: Emulator): MachineType | undefined {
  return emulator.machines.find((machine) => machine.isDefault);
}
