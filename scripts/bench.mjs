/** Bundles the benchmarks as the product is bundled, so that it is measured as it runs, and runs them. */
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const bundle = 'dist/bench/run.mjs';
await build({
  entryPoints: ['bench/run.ts'],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  format: 'esm',
  // What ssh2 finds around it, being no ES module.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url), __dirname = import.meta.dirname;",
  },
  loader: { '.py': 'text' },
  // Knows where the caches are from where it lies itself.
  external: ['./scripts/setup/cache.mjs', 'cpu-features', '*.node'],
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, [bundle, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
