import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { repository } from '../../scripts/setup/cache.mjs';
import { globalOptions } from '../../src/cli/command';
import { commands } from '../../src/cli/commands/table';
import * as schemas from './schemas';

const schemaOf: Readonly<Record<string, v.GenericSchema>> = {
  start: schemas.StartDocument,
  adopt: schemas.StartDocument,
  list: schemas.ListDocument,
  paths: schemas.PathsDocument,
  plan: schemas.PlanDocument,
  migrate: schemas.MigrateDocument,
  cancel: schemas.CancelDocument,
  handback: schemas.HandbackDocument,
  pause: schemas.PauseDocument,
  resume: schemas.PauseDocument,
  stop: schemas.EndDocument,
  destroy: schemas.EndDocument,
  recover: schemas.RecoverDocument,
  trace: schemas.TraceDocument,
  bundle: schemas.BundleDocument,
  log: schemas.TraceDocument,
  listen: schemas.ListenDocument,
  emulators: schemas.EmulatorsDocument,
  help: v.strictObject({ help: v.string() }),
};

/** Sections by their heading, with the text below it. */
function sectionsOf(markdown: string): ReadonlyMap<string, string> {
  return new Map(
    markdown.split(/^##+ /m).map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), section.slice(end + 1)];
    }),
  );
}

function jsonExamples(markdown: string): unknown[] {
  return [...markdown.matchAll(/^```json\n(.*?)^```/gms)].map(([, json = '']): unknown =>
    JSON.parse(json),
  );
}

describe('docs/command-line.md', () => {
  const text = readFileSync(join(repository, 'docs/command-line.md'), 'utf8');
  const sections = sectionsOf(text);

  it('has a section for each command, and for no other', () => {
    const [, list = ''] = text.split(/^## Commands$/m);
    assert.deepEqual(
      [...list.matchAll(/^### (.*)$/gm)].map(([, name]) => name),
      [...commands.keys()],
    );
  });

  for (const [name, load] of commands) {
    it(`shows how ${name} is typed, each of its options, and its document`, async () => {
      const section = sections.get(name) ?? '';
      const { usage, help } = await load();
      assert.ok(section.includes(`\`${usage}\``), usage);
      const [own = ''] = help.split('Options of every command');
      for (const [option] of own.matchAll(/^ {2}--[\w-]+/gm)) {
        assert.ok(section.includes(option.trim()), option);
      }
      const examples = jsonExamples(section);
      assert.equal(examples.length, 1);
      const schema = schemaOf[name];
      assert.ok(schema !== undefined);
      v.assert(schema, examples[0]);
    });
  }

  it('shows the options of every command, and the document of an error', () => {
    for (const option of Object.keys(globalOptions))
      assert.match(text, new RegExp(`\`--${option}`));
    const [error] = jsonExamples(sections.get('Errors') ?? '');
    v.assert(schemas.ErrorDocument, error);
  });
});
