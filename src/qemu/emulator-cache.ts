/** An emulator as text, to be remembered. */
import * as v from 'valibot';
import type { Emulator } from './emulator';

/** Grows when the form changes: text of any other version is not read. */
const formatVersion = 2;

const names = v.pipe(
  v.array(v.string()),
  v.transform((list): ReadonlySet<string> => new Set(list)),
);
const emulatorSchema = v.object({
  path: v.string(),
  version: v.string(),
  package: v.string(),
  target: v.string(),
  machines: v.array(
    v.pipe(
      v.object({
        name: v.string(),
        alias: v.optional(v.string()),
        isDefault: v.boolean(),
        deprecated: v.boolean(),
        defaultRamId: v.optional(v.string()),
        defaultCpuType: v.optional(v.string()),
      }),
      // JSON has no undefined: what it left out is here again.
      v.transform((machine) => ({
        ...machine,
        alias: machine.alias,
        defaultRamId: machine.defaultRamId,
        defaultCpuType: machine.defaultCpuType,
      })),
    ),
  ),
  migrationCapabilities: names,
  migrationParameters: names,
  migrationModes: names,
  commands: names,
  options: v.pipe(
    v.array(v.tuple([v.string(), names])),
    v.transform((entries) => new Map(entries)),
  ),
});
const fileSchema = v.object({ formatVersion: v.literal(formatVersion), emulator: emulatorSchema });

export function serializeEmulator(emulator: Emulator): string {
  return JSON.stringify({ formatVersion, emulator }, (_key, value: unknown) =>
    value instanceof Set || value instanceof Map ? [...(value as Iterable<unknown>)] : value,
  );
}

/** @returns undefined for text of another version, or damaged */
export function parseSerializedEmulator(text: string): Emulator | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const result = v.safeParse(fileSchema, json);
  return result.success ? result.output.emulator : undefined;
}
