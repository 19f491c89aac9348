/** Which Debian mirror this machine uses, by its apt sources. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const defaultMirror = 'http://deb.debian.org/debian';

/** @typedef {{ uris: string[]; suites: string[]; components: string[] }} Source */

const words = (/** @type {string | undefined} */ text) =>
  (text ?? '').split(/\s+/).filter((word) => word !== '');

/**
 * One-line style: `deb [ option=value ... ] uri suite component ...` (sources.list(5)).
 * @returns {Source[]}
 */
function parseList(/** @type {string} */ text) {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s*)?([^#]*)/.exec(line);
    const [uri, suite, ...components] = words(match?.[1]);
    return uri === undefined || suite === undefined
      ? []
      : [{ uris: [uri], suites: [suite], components }];
  });
}

/**
 * deb822 style: stanzas of `Field: value`, a value goes on in lines that begin with a blank.
 * @returns {Source[]}
 */
function parseDeb822(/** @type {string} */ text) {
  const stanzas = text.replace(/^#.*\n?/gm, '').split(/\n[ \t]*\n/);
  return stanzas.flatMap((stanza) => {
    /** @type {Map<string, string>} */
    const fields = new Map();
    for (const [, name = '', value = ''] of stanza.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t].*)*)/gm))
      fields.set(name.toLowerCase(), value.trim());
    const isOff = ['no', 'false', 'off', '0'].includes((fields.get('enabled') ?? '').toLowerCase());
    if (isOff || !words(fields.get('types')).includes('deb')) return [];
    return [
      {
        uris: words(fields.get('uris')),
        suites: words(fields.get('suites')),
        components: words(fields.get('components')),
      },
    ];
  });
}

/**
 * The mirror in apt's source files, each with its name and text. Third parties' sources may have
 * Debian's suite names too; Debian's own are told by `main` and, if several are left, by the path.
 * @param {readonly { name: string; text: string }[]} files
 */
export function findMirror(files) {
  const mirrors = files
    .flatMap(({ name, text }) => (name.endsWith('.sources') ? parseDeb822(text) : parseList(text)))
    .filter(
      ({ suites, components }) =>
        components.includes('main') &&
        suites.some((suite) => ['bookworm', 'trixie', 'oldstable', 'stable'].includes(suite)),
    )
    .flatMap(({ uris }) => uris);
  return mirrors.find((uri) => /\/debian\/?$/.test(uri)) ?? mirrors[0];
}

/** This machine's mirror, as a URI that debootstrap takes. */
export function machineMirror() {
  const folder = '/etc/apt/sources.list.d';
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const paths = ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))];
  const files = paths
    .filter((path) => /\.(list|sources)$/.test(path) && existsSync(path))
    .map((name) => ({ name, text: expandMirrorLists(readFileSync(name, 'utf8')) }));
  return findMirror(files) ?? defaultMirror;
}

/** `mirror+file:PATH` (Debian's cloud images have it) is the first mirror in that file. */
function expandMirrorLists(/** @type {string} */ text) {
  return text.replace(/\bmirror\+file:(?:\/\/)?(\/\S+)/g, (whole, path) => {
    if (!existsSync(path)) return whole;
    const [first] = words(readFileSync(path, 'utf8').replace(/^#.*$/gm, ''));
    return first ?? whole;
  });
}
