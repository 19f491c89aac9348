/** The hosts that the SSH configuration knows by name: what a user can be offered to connect to. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { expandTilde } from './expand';
import { surroundings, type Surroundings } from './surroundings';

/** What one line names: a host, or a file to go on in. */
export type NamedInFile = { readonly host: string } | { readonly include: string };

/** The names of `Host` lines, without patterns, and what is included. */
export function parseHostNames(text: string): NamedInFile[] {
  return text.split(/\r?\n/).flatMap((line): NamedInFile[] => {
    const [, keyword = '', rest = ''] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/.exec(line) ?? [];
    switch (keyword.toLowerCase()) {
      case 'host':
        return words(rest)
          .filter((name) => /^[^-!*?][^*?]*$/.test(name))
          .map((host) => ({ host }));
      case 'include':
        return words(rest).map((include) => ({ include }));
      default:
        return [];
    }
  });
}

/** Words as ssh_config(5) has them: in quotes where they hold spaces, up to a comment. */
function words(text: string): string[] {
  const found: string[] = [];
  for (const [, quoted, plain] of text.matchAll(/"([^"]*)"|([^\s"]+)/g)) {
    if (plain?.startsWith('#')) break;
    found.push(quoted ?? plain ?? '');
  }
  return found;
}

/**
 * The names of the user's configuration, or of the given file, each once, in their order. A file that
 * cannot be read names none: ssh itself says what is wrong with it, when it is needed.
 */
export async function configuredHosts(configFile?: string): Promise<string[]> {
  const local = surroundings();
  const file = configFile ?? join(local.home, '.ssh', 'config');
  return [...new Set(await namesIn(file, local, []))];
}

/** @param within the files that include this one: it is none of them, or it would never end */
async function namesIn(
  file: string,
  local: Surroundings,
  within: readonly string[],
): Promise<string[]> {
  if (within.includes(file)) return [];
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return [];
  }
  const names: string[] = [];
  for (const entry of parseHostNames(text)) {
    if ('host' in entry) names.push(entry.host);
    else {
      for (const path of await matches(includePath(entry.include, local))) {
        names.push(...(await namesIn(path, local, [...within, file])));
      }
    }
  }
  return names;
}

/** Relative ones are in the user's folder for SSH. */
function includePath(include: string, local: Surroundings): string {
  const path = expandTilde(include, local);
  return isAbsolute(path) ? path : join(local.home, '.ssh', path);
}

/** The files of a path with `*` and `?` in it, sorted as glob(7) does. */
async function matches(path: string): Promise<string[]> {
  if (!/[*?]/.test(path)) return [path];
  const name = path.slice(dirname(path).length).replace(/^[\\/]/, '');
  const source = name
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const pattern = new RegExp(`^${source}$`, 's');
  const found: string[] = [];
  for (const folder of await matches(dirname(path))) {
    const entries = await readdir(folder).catch(() => []);
    const visible = entries.filter((entry) => pattern.test(entry) && !entry.startsWith('.'));
    found.push(...visible.sort().map((entry) => join(folder, entry)));
  }
  return found;
}
