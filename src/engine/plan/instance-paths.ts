/** The files in an instance's own folder that the engine itself uses. */

export interface InstancePaths {
  /** The engine's own monitor. */
  readonly monitor: string;
  /** A second monitor, for the user: the engine's takes one client only. */
  readonly console: string;
  /** The main migration channel. */
  readonly migration: string;
  /** The second channel of `cpr-transfer`, over which descriptors travel. */
  readonly cpr: string;
  /** What QEMU prints. */
  readonly output: string;
}

const names: InstancePaths = {
  monitor: 'qmp.sock',
  console: 'console.sock',
  migration: 'migrate.sock',
  cpr: 'cpr.sock',
  output: 'qemu.out',
};

export const reservedNames: readonly string[] = Object.values(names);

export function instancePaths(directory: string): InstancePaths {
  return {
    monitor: `${directory}/${names.monitor}`,
    console: `${directory}/${names.console}`,
    migration: `${directory}/${names.migration}`,
    cpr: `${directory}/${names.cpr}`,
    output: `${directory}/${names.output}`,
  };
}
