import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { repository } from '../../scripts/setup/cache.mjs';
import { messagesIn } from '../../scripts/l10n/messages';

const folder = join(repository, 'l10n');
const english = 'bundle.l10n.json';

describe('the texts that users see', () => {
  const messages = messagesIn(repository);

  it('are all in the bundle for translators: `npm run l10n` writes it', () => {
    assert.ok(messages.length > 100, 'the search finds the texts');
    assert.deepEqual(Object.keys(bundle(english)).sort(), messages);
  });

  it('are translated with the same placeholders, and none that is no longer there', () => {
    for (const name of readdirSync(folder).filter((file) => file !== english)) {
      for (const [message, translation] of Object.entries(bundle(name))) {
        assert.ok(messages.includes(message), `${name}: ${message}`);
        assert.deepEqual(placeholders(translation), placeholders(message), `${name}: ${message}`);
      }
    }
  });
});

function bundle(name: string): Record<string, string> {
  const text = readFileSync(join(folder, name), 'utf8');
  return v.parse(v.record(v.string(), v.string()), JSON.parse(text));
}

function placeholders(text: string): string[] {
  return (text.match(/\{\d+\}/g) ?? []).sort();
}
