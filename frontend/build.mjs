// Builds every bundle into app/static/dist with hashed names and a manifest that maps "app.js" to "app-1A2B3C4D.js".
// The manifest is replaced last and old files leave after it, so a running server never points at a missing file.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import * as sass from 'sass';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(here, '../app/static/dist');
const modules = join(here, 'node_modules');

// One line per bundle: a page loads `app` always, the others only where they are needed.
const bundles = {
  app: ['src/js/app.js', 'src/css/app.scss'],
  compare: ['src/js/compare.js', 'src/css/compare.scss'],
  diagram: ['src/js/diagram.js', 'src/css/diagram.scss'],
  parts: ['src/js/parts.js', 'src/css/parts.scss'],
  studio: ['src/js/studio.js', 'src/css/studio.scss'],
  tables: ['src/js/tables.js', 'src/css/tables.scss'],
};
const copied = ['../app/static/favicon.svg'];

const scss = {
  name: 'scss',
  setup(build) {
    build.onLoad({ filter: /\.scss$/ }, ({ path }) => {
      const made = sass.compile(path, {
        charset: false,
        loadPaths: [modules],
        importers: [{ findFileUrl: (url) => (url.startsWith('npm:') ? pathToFileURL(join(modules, url.slice(4))) : null) }],
        quietDeps: true,
      });
      return {
        contents: made.css,
        loader: 'css',
        resolveDir: dirname(path),
        watchFiles: made.loadedUrls.filter((url) => url.protocol === 'file:').map((url) => fileURLToPath(url)),
      };
    });
  },
};

// dmn-js writes styles into markup, which the page's policy refuses: its markup goes through our own reading.
const markup = {
  name: 'markup',
  setup(build) {
    build.onResolve({ filter: /^min-dom$/ }, ({ importer }) => (/[\\/]dmn-js-[a-z-]+[\\/]/.test(importer) ? { path: join(here, 'src/js/studio/markup.js') } : null));
  },
};

const manifest = {
  name: 'manifest',
  setup(build) {
    build.onEnd((result) => {
      if (result.errors.length) return;
      const names = {};
      for (const [file, made] of Object.entries(result.metafile.outputs)) {
        if (made.entryPoint) names[basename(made.entryPoint).replace(/\.scss$/, '.css')] = basename(file);
      }
      for (const source of copied.map((file) => resolve(here, file)).filter(existsSync)) {
        const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 8).toUpperCase();
        const name = `${basename(source, extname(source))}-${hash}${extname(source)}`;
        copyFileSync(source, join(out, name));
        names[basename(source)] = name;
      }
      const sorted = Object.fromEntries(Object.entries(names).sort());
      writeFileSync(join(out, 'manifest.json.new'), `${JSON.stringify(sorted, null, 2)}\n`);
      renameSync(join(out, 'manifest.json.new'), join(out, 'manifest.json'));
      const keep = new Set([...Object.values(names), 'manifest.json']);
      for (const made of Object.keys(result.metafile.outputs)) keep.add(basename(made));
      for (const file of readdirSync(out)) if (!keep.has(file)) rmSync(join(out, file), { recursive: true });
      for (const [name, file] of Object.entries(sorted)) {
        const packed = (gzipSync(readFileSync(join(out, file))).length / 1024).toFixed(1);
        console.log(`${name.padEnd(14)} ${packed.padStart(7)} KB gzip   ${file}`);
      }
    });
  },
};

mkdirSync(out, { recursive: true });
const settings = {
  entryPoints: Object.values(bundles).flat().map((file) => join(here, file)),
  absWorkingDir: here,
  outdir: out,
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  bundle: true,
  format: 'esm',
  minify: true,
  metafile: true,
  legalComments: 'none',
  target: ['es2021', 'chrome93', 'firefox92'],
  // Small pictures inside Tabler's and bpmn-js' styles stay data: addresses, which the page's policy allows.
  loader: { '.svg': 'dataurl', '.woff2': 'file' },
  plugins: [scss, markup, manifest],
  logLevel: 'warning',
};

if (process.argv.includes('--watch')) {
  const context = await esbuild.context(settings);
  await context.watch();
  console.log('watching …');
} else {
  await esbuild.build(settings);
}
