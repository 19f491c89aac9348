import { posix } from 'node:path';
import { instancePaths, reservedNames } from './instance-paths';

/** `sun_path` holds 108 bytes, the last of which is 0. */
const longestSocketPath = 107;

/** Gives out the unique paths of one instance: short, readable, each only once. */
export class InstanceNames {
  private readonly taken = new Set<string>(reservedNames);
  private readonly sockets: string[];
  private taps = 0;

  constructor(private readonly directory: string) {
    const { monitor, console, migration, cpr } = instancePaths(directory);
    this.sockets = [monitor, console, migration, cpr];
  }

  /** `socket('chardev-a/b')` is `DIRECTORY/chardev-a_b.sock`. */
  socket(name: string): string {
    const path = this.file(name, '.sock');
    this.sockets.push(path);
    return path;
  }

  /**
   * For what is renamed to `path` in the end, beside it: rename(2) does not leave a file system, and
   * the state folder mostly has one of its own. `beside('/vms/a.sock')` is `/vms/.sidestep-ID-a.sock`.
   * Where that is too long for a socket, a path in the instance's folder has to do.
   */
  beside(path: string, name: string, extension = '.sock'): string {
    const { dir, base } = posix.parse(path);
    const beside = posix.join(dir, `.sidestep-${posix.basename(this.directory)}-${base}`);
    if (Buffer.byteLength(beside) <= longestSocketPath) return beside;
    return extension === '.sock' ? this.socket(name) : this.file(name, extension);
  }

  /** A network interface; the kernel takes 15 characters. */
  tap(): string {
    return `sst${posix.basename(this.directory)}n${this.taps++}`.slice(0, 15);
  }

  file(name: string, extension = ''): string {
    const readable = name.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 32);
    let candidate = `${readable}${extension}`;
    for (let count = 2; this.taken.has(candidate); count++) {
      candidate = `${readable}-${count}${extension}`;
    }
    this.taken.add(candidate);
    return `${this.directory}/${candidate}`;
  }

  /** Sockets given out that no process can listen on. */
  get tooLong(): readonly string[] {
    return this.sockets.filter((path) => Buffer.byteLength(path) > longestSocketPath);
  }
}
