/**
 * Bundles the command (dist/cli.js), the extension (dist/extension.js) and the timeline's page
 * (dist/timeline.js, dist/timeline.css).
 */
import { build } from 'esbuild';
import { chmodSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('..', import.meta.url));
process.chdir(repository);

/** Native parts of ssh2, which does without where they are not there. */
const native = ['cpu-features', '*.node'];

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // ES modules where a package has them: what jsonc-parser has besides cannot be bundled.
  mainFields: ['module', 'main'],
  format: 'cjs',
  external: native,
  // What runs on a host behind SSH is sent there as text.
  loader: { '.py': 'text' },
  minify: true,
  // Beside the bundle, for whoever has to read a stack trace; not loaded with it.
  sourcemap: 'external',
  logLevel: 'warning',
};

/** VS Code gives `vscode` to its extensions; there is no such package. */
const extension = {
  entryPoints: ['src/extension/extension.ts'],
  external: [...native, 'vscode'],
};

/** For the browser that the page runs in: VS Code's own. */
const page = /** @type {const} */ ({
  platform: 'browser',
  target: 'chrome122',
  format: 'esm',
  entryPoints: ['src/views/timeline/page.ts'],
});

const cli = 'dist/cli.js';
try {
  await build({
    ...common,
    entryPoints: ['src/cli/main.ts'],
    outfile: cli,
    banner: { js: '#!/usr/bin/env node' },
  });
  chmodSync(cli, 0o755);
  if (extension.entryPoints.every((path) => existsSync(path)))
    await build({ ...common, ...extension, outfile: 'dist/extension.js' });
  await build({ ...common, ...page, outfile: 'dist/timeline.js' });
} catch {
  // esbuild has told what is wrong.
  process.exitCode = 1;
}
