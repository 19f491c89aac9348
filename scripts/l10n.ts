/** Writes l10n/bundle.l10n.json from the sources, and tells what the translations lack. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { messagesIn } from './l10n/messages';

const repository = fileURLToPath(new URL('..', import.meta.url));
const folder = join(repository, 'l10n');
const english = 'bundle.l10n.json';

const messages = messagesIn(repository);
const bundle = Object.fromEntries(messages.map((message) => [message, message]));
writeFileSync(join(folder, english), `${JSON.stringify(bundle, undefined, 2)}\n`);

for (const name of readdirSync(folder)) {
  if (name === english) continue;
  const text = readFileSync(join(folder, name), 'utf8');
  const translated = v.parse(v.record(v.string(), v.string()), JSON.parse(text));
  const missing = messages.filter((message) => !(message in translated));
  console.log(
    `${name}: ${missing.length} missing\n${missing.map((each) => `  ${each}`).join('\n')}`,
  );
}
