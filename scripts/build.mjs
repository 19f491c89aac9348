/**
 * Bundles the command (dist/cli.js), the extension (dist/extension.js), what both load for a host
 * behind SSH (dist/ssh2.js) and the timeline's page (dist/timeline.js, dist/timeline.css).
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

/**
 * Half of the code is ssh2: it is a file of its own, so that it is not read before it is needed.
 * @type {import('esbuild').Plugin}
 */
const ssh2Apart = {
  name: 'ssh2-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^ssh2$/ }, () => ({ path: './ssh2.js', external: true }));
  },
};

/** VS Code gives `vscode` to its extensions; there is no such package. */
const extension = {
  entryPoints: ['src/extension/extension.ts'],
  external: [...native, 'vscode'],
  plugins: [ssh2Apart],
};

/**
 * For the browser that the page runs in: VS Code's own.
 * @type {import('esbuild').BuildOptions}
 */
const page = {
  platform: 'browser',
  target: 'chrome122',
  format: 'esm',
  entryPoints: ['src/views/timeline/page.ts'],
};

const cli = 'dist/cli.js';
try {
  await build({
    ...common,
    entryPoints: ['src/cli/main.ts'],
    outfile: cli,
    banner: { js: '#!/usr/bin/env node' },
    plugins: [ssh2Apart],
  });
  chmodSync(cli, 0o755);
  await build({ ...common, entryPoints: ['ssh2'], outfile: 'dist/ssh2.js' });
  if (extension.entryPoints.every((path) => existsSync(path)))
    await build({ ...common, ...extension, outfile: 'dist/extension.js' });
  await build({ ...common, ...page, outfile: 'dist/timeline.js' });
} catch {
  // esbuild has told what is wrong.
  process.exitCode = 1;
}
