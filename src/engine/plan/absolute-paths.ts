import { isAbsolute, join } from 'node:path/posix';
import { CommandLine } from '../../qemu/commandline/commandline';
import { mapPaths } from './path-places';

/** Words that QEMU takes where it takes a path. */
const noPath = new Set(['no', 'none', '-']);

/**
 * The arguments with every relative path resolved against the working directory of the process
 * they were given to. Names with a protocol (`nbd:`, `json:`, `http://`, `fat:`) and names that
 * QEMU looks up in its own data folders (`-bios bios.bin`) are left as they are.
 * @throws CommandLineError
 */
export function resolvePaths(definition: readonly string[], cwd: string): string[] {
  const options = CommandLine.parse(definition).options.map((option) =>
    mapPaths(option, (path) => (isAbsolute(path) || noPath.has(path) ? path : join(cwd, path))),
  );
  return CommandLine.of(options).toArguments();
}
