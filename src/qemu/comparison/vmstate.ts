/** The state that each of an emulator's devices sends in a migration: what `-dump-vmstate` prints. */
import * as v from 'valibot';

/** VMStateField. */
export interface StateField {
  readonly field: string;
  readonly version_id: number;
  /** Sent only if a function of the device's says so. */
  readonly field_exists: boolean;
  /** Bytes; of an array, those of one element. */
  readonly size: number;
  /** Of a structure. */
  readonly Description?: StateDescription | undefined;
}

/** VMStateDescription. */
export interface StateDescription {
  readonly name: string;
  readonly version_id: number;
  readonly minimum_version_id: number;
  readonly Fields?: readonly StateField[] | undefined;
  readonly Subsections?: readonly StateDescription[] | undefined;
}

/** By type of device, those that have a state. */
export type DeviceStates = ReadonlyMap<string, StateDescription>;

const Field: v.GenericSchema<StateField> = v.object({
  field: v.string(),
  version_id: v.number(),
  field_exists: v.boolean(),
  size: v.number(),
  Description: v.optional(v.lazy(() => Description)),
});
const Description: v.GenericSchema<StateDescription> = v.object({
  name: v.string(),
  version_id: v.number(),
  minimum_version_id: v.number(),
  Fields: v.optional(v.array(Field)),
  Subsections: v.optional(v.array(v.lazy(() => Description))),
});
/** `vmschkmachine`, which is no device, has none. */
const Dump = v.record(v.string(), v.object({ Description: v.optional(Description) }));

/** QEMU writes it to a file that it opens by name, which a pipe or socket of ours has none. */
const throughFile = `
file=$(mktemp) && timeout 30 "$@" "$file" && cat "$file"
status=$?
rm -f "$file"
exit $status`;

/** The command that prints it on its standard output. */
export function dumpStatesCommand(path: string): string[] {
  const machine = ['-machine', 'none', '-nodefaults', '-display', 'none'];
  return ['sh', '-c', throughFile, 'sidestep-states', path, ...machine, '-dump-vmstate'];
}

/** @returns undefined for what is no such dump */
export function parseDeviceStates(text: string): DeviceStates | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { success, output } = v.safeParse(Dump, json);
  if (!success) return undefined;
  return new Map(
    Object.entries(output).flatMap(([type, device]) =>
      device.Description === undefined ? [] : [[type, device.Description]],
    ),
  );
}
