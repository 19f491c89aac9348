import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { repository } from '../../scripts/setup/cache.mjs';
import { commandsOf, menusOf, titlesOf } from '../../src/extension/actions/contributions';
import { actions } from '../../src/extension/actions/table';

const Manifest = v.object({
  main: v.string(),
  icon: v.string(),
  contributes: v.object({
    commands: v.array(v.object({ command: v.string() })),
    menus: v.record(v.string(), v.array(v.unknown())),
    configuration: v.object({ properties: v.record(v.string(), v.looseObject({})) }),
  }),
});
const Texts = v.record(v.string(), v.string());

describe('package.json', () => {
  const text = readFileSync(join(repository, 'package.json'), 'utf8');
  const { contributes, ...manifest } = v.parse(Manifest, JSON.parse(text));
  const english = textsOf('package.nls.json');

  it('has the commands and menus of the actions: `npm run contributions` writes them', () => {
    const raw: unknown = JSON.parse(text);
    const { commands, menus } = v.parse(
      v.object({ contributes: v.object({ commands: v.unknown(), menus: v.unknown() }) }),
      raw,
    ).contributes;
    assert.deepEqual(commands, commandsOf(actions));
    assert.deepEqual(menus, menusOf(actions));
    for (const [key, title] of Object.entries(titlesOf(actions))) assert.equal(english[key], title);
  });

  it('has a text for every key, and no other', () => {
    const used = new Set([...text.matchAll(/"%([^%"]+)%"/g)].map(([, key = '']) => key));
    assert.deepEqual(Object.keys(english).sort(), [...used].sort());
  });

  it('names files that are there', () => {
    const paths = [...text.matchAll(/"((?:media|\.\/media)\/[^"]+)"/g)].map(
      ([, path = '']) => path,
    );
    assert.ok(paths.length > 3);
    for (const path of paths) assert.ok(existsSync(join(repository, path)), path);
    assert.ok(existsSync(join(repository, manifest.icon)));
  });

  it('has every setting that is read, with a default', () => {
    const source = readFileSync(join(repository, 'src/extension/configuration.ts'), 'utf8');
    const read = [...source.matchAll(/^ {2}'?([\w.]+)'?: \(value\)/gm)].map(
      ([, name = '']) => name,
    );
    assert.ok(read.length > 3);
    assert.deepEqual(
      Object.keys(contributes.configuration.properties).sort(),
      ['hosts', ...read].map((name) => `sidestep.${name}`).sort(),
    );
    for (const [name, setting] of Object.entries(contributes.configuration.properties)) {
      assert.ok('default' in setting, name);
    }
  });
});

describe('actions', () => {
  it('have ids and titles of their own', () => {
    assert.equal(new Set(actions.map(({ id }) => id)).size, actions.length);
    assert.equal(new Set(actions.map(({ title }) => title)).size, actions.length);
  });

  it('match nodes with regular expressions that VS Code can read', () => {
    for (const { id, menus = [] } of actions) {
      for (const { when } of menus) {
        for (const [, pattern = ''] of when.matchAll(/=~ \/((?:\\.|[^/])+)\//g)) {
          assert.doesNotThrow(() => new RegExp(pattern), `${id}: ${pattern}`);
        }
      }
    }
  });
});

function textsOf(name: string): Record<string, string> {
  return v.parse(Texts, JSON.parse(readFileSync(join(repository, name), 'utf8')));
}
