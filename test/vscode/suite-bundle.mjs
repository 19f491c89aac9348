/** The suite that runs in VS Code's extension host, with the extension that it tests, built. */
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repository } from '../../scripts/setup/cache.mjs';

const folder = join(repository, 'dist/test-vscode');

/** @returns {Promise<string>} the script whose `run` the extension host is to call */
export async function buildSuite() {
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], {
    cwd: repository,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The extension cannot be built');
  await build({
    absWorkingDir: repository,
    entryPoints: ['test/vscode/suite/*.ts'],
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    loader: { '.py': 'text' },
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return join(folder, 'index.js');
}
