import { instancePaths, reservedNames } from './instance-paths';

/** `sun_path` holds 108 bytes, the last of which is 0. */
const longestSocketPath = 107;

/** Gives out the unique paths of one instance: short, readable, each only once. */
export class InstanceNames {
  private readonly taken = new Set<string>(reservedNames);
  private readonly sockets: string[];

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
