/** Emulators that are not quite QEMU: scripts that start one, with something gone wrong. */
import { writeFile } from 'node:fs/promises';

/** QEMU, with one argument replaced by another where it waits for a migration. */
export function writeMismatchedEmulator(
  path: string,
  emulator: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  return writeScript(path, [
    'incoming=no; arguments=()',
    'for each; do [ "$each" = -incoming ] && incoming=yes; done',
    'for each; do',
    `  [ "$incoming $each" = 'yes ${from}' ] && each='${to}'`,
    '  arguments+=("$each")',
    'done',
    `exec '${emulator}' "\${arguments[@]}"`,
  ]);
}

/**
 * QEMU, with lines of shell before it where it is to wait for a migration: `"$emulator"` is its
 * binary, `"$@"` are its arguments.
 */
export function writeTargetEmulator(
  path: string,
  emulator: string,
  lines: readonly string[],
): Promise<void> {
  return writeScript(path, [
    `emulator='${emulator}'`,
    'for each; do [ "$each" = -incoming ] && incoming=yes; done',
    'if [ "$incoming" = yes ]; then',
    ...lines.map((line) => `  ${line}`),
    'fi',
    'exec "$emulator" "$@"',
  ]);
}

/** QEMU that answers what it can do, and ends with an error where it is to wait for a migration. */
export function writeFailingEmulator(path: string, emulator: string, words: string): Promise<void> {
  return writeScript(path, [
    `for each; do [ "$each" = -incoming ] && { echo '${words}' >&2; exit 1; }; done`,
    `exec '${emulator}' "$@"`,
  ]);
}

/** QEMU that ends with an error wherever it is given a guest. */
export function writeGuestlessEmulator(
  path: string,
  emulator: string,
  words: string,
): Promise<void> {
  return writeScript(path, [
    `for each; do [ "$each" = -m ] && { echo '${words}' >&2; exit 1; }; done`,
    `exec '${emulator}' "$@"`,
  ]);
}

export function writeScript(path: string, lines: readonly string[]): Promise<void> {
  return writeFile(path, ['#!/bin/bash', ...lines, ''].join('\n'), { mode: 0o755 });
}
