/** Has `import text from './x.py'` give the file's text, as esbuild's `text` loader does in a bundle. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

createRequire(import.meta.url).extensions['.py'] = (module, path) => {
  module.exports = readFileSync(path, 'utf8');
};
