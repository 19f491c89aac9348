/** Writes the commands and menus of package.json, and their titles, from the table of actions. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { commandsOf, menusOf, titlesOf } from '../src/extension/actions/contributions';
import { actions } from '../src/extension/actions/table';

const Fields = v.record(v.string(), v.unknown());
const Titles = v.record(v.string(), v.string());

const manifest = v.parse(Fields, read('package.json'));
const contributes = v.parse(Fields, manifest['contributes']);
Object.assign(contributes, { commands: commandsOf(actions), menus: menusOf(actions) });
write('package.json', { ...manifest, contributes });

const others = Object.entries(v.parse(Titles, read('package.nls.json'))).filter(
  ([key]) => !key.startsWith('command.'),
);
write('package.nls.json', { ...titlesOf(actions), ...Object.fromEntries(others) });

function read(name: string): unknown {
  return JSON.parse(readFileSync(pathOf(name), 'utf8'));
}

function write(name: string, content: unknown): void {
  writeFileSync(pathOf(name), `${JSON.stringify(content, undefined, 2)}\n`);
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}
