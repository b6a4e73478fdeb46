// @ts-check
/**
 * Bundles the pages: `node tools/bundle.js STATIC PACKAGES TARGET`, run by hatch_build.py.
 *
 * Reads the pages in STATIC, and esbuild from PACKAGES. Fills TARGET with one script for each page
 * and language, its words inside; what a page imports later; and what they refer to. Every name but
 * those of the pages carries a hash of the content, so that browsers may keep the file for good.
 */

import { existsSync, readFileSync, readdirSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';

const [STATIC = '', PACKAGES = '', TARGET = ''] = process.argv.slice(2);
const { build } = createRequire(join(PACKAGES, 'index.js'))('esbuild');

/** Where the server serves TARGET. */
const PUBLIC = '/static/built/';
const PAGES = { room: 'room.html', home: 'index.html', 'sign-in': 'sign-in.html' };
const LANGUAGES = ['en', 'ru'];

/** The browsers that package.json lists, as esbuild names them: older ones are told so by the page. */
const BROWSERS = JSON.parse(readFileSync(join(STATIC, '..', 'package.json'), 'utf8')).browserslist.map(
  (/** @type {string} */ name) => name.replace('ios_saf', 'ios').replace(' >= ', ''),
);

/** A file that a script or a page names by its address; modules are resolved by esbuild instead. */
const ASSET = /\/static\/(?!js\/)[\w./-]+\.(?:svg|woff2)/g;
const STYLESHEET = /[ \t]*<link rel="stylesheet" href="\/static\/([^"]+)" \/>\n/g;
const MODULE = /[ \t]*<link rel="modulepreload"[^>]*>\n/g;
const SCRIPT = /(<script type="module" src=")\/static\/([^"]+)(">)/;

/** The rest is small already, or compressed. */
const COMPRESSED = new Set(['.js', '.svg']);

/** @param {string} name @param {Uint8Array | string} content @returns {string} its address */
function put(name, content) {
  writeFileSync(join(TARGET, name), content);
  if (COMPRESSED.has(extname(name))) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    writeFileSync(join(TARGET, `${name}.br`), brotliCompressSync(content, { params }));
    writeFileSync(join(TARGET, `${name}.gz`), gzipSync(content, { level: 9 }));
  }
  return PUBLIC + name;
}

/** @param {string} address of a file in STATIC @returns {string} the address of its copy for good */
function kept(address) {
  const content = readFileSync(join(STATIC, address.slice('/static/'.length)));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8);
  const extension = extname(address);
  return put(`${basename(address, extension)}-${hash}${extension}`, content);
}

/**
 * Modules that are bundled by themselves, with copies of what they share with the pages' scripts: few
 * viewers need them, and a shared file would be waited for by all. Each with its address.
 *
 * @type {Map<string, string>}
 */
const alone = new Map([['js/player/live-source.js', '']]);

/**
 * Modules name each other by the addresses that the browser sees, and have their words from i18n.js.
 *
 * @param {string} words JSON
 */
const sources = (words) => ({
  name: 'sources',
  /** @param {any} build */
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.{1,2}\// }, (/** @type {any} */ { path, kind, resolveDir }) => {
      const address = kind === 'dynamic-import' && alone.get(relative(STATIC, join(resolveDir, path)));
      return address ? { path: address, external: true } : undefined;
    });
    onResolve({ filter: /^\/static\// }, (/** @type {any} */ { path }) => ({
      path: join(STATIC, path.slice('/static/'.length)),
    }));
    onLoad({ filter: /\.js$/ }, (/** @type {any} */ { path }) => ({
      contents: readFileSync(path, 'utf8')
        .replace(ASSET, kept)
        .replace('(globalThis).SEANS_WORDS', () => words),
    }));
  },
});

/**
 * @param {string} entry address of a page's module, within STATIC
 * @param {string} name of the page
 * @param {string} language
 * @returns {Promise<string>} the script's address
 */
async function script(entry, name, language) {
  const words = JSON.parse(readFileSync(join(STATIC, 'i18n', `${language}.json`), 'utf8'));
  const { outputFiles, metafile } = await build({
    entryPoints: { [`${name}.${language}`]: join(STATIC, entry) },
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    target: BROWSERS,
    entryNames: '[name]-[hash]',
    chunkNames: 'later-[hash]',
    legalComments: 'none',
    charset: 'utf8',
    outdir: TARGET,
    absWorkingDir: TARGET,
    metafile: true,
    write: false,
    plugins: [sources(JSON.stringify({ language, words }))],
  });
  for (const file of outputFiles) put(basename(file.path), file.contents);
  const first = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(entry));
  const [output, { imports }] = first ?? ['', { imports: [] }];
  // A second file before the first picture costs a far viewer one more round trip.
  const early = imports.filter((/** @type {any} */ { kind }) => kind === 'import-statement');
  if (early.length) throw new Error(`${name} imports ${early[0].path} at once: let it be handed what it shares`);
  return PUBLIC + basename(output);
}

/** @param {string} page @returns {Promise<string>} the styles that it links to, as one */
async function styles(page) {
  const sheets = [...page.matchAll(STYLESHEET)].map(([, sheet]) => `@import "./${sheet}";`);
  const { outputFiles } = await build({
    stdin: { contents: sheets.join('\n'), loader: 'css', resolveDir: STATIC },
    bundle: true,
    minify: true,
    target: BROWSERS,
    loader: { '.woff2': 'file', '.svg': 'file' },
    assetNames: '[name]-[hash]',
    publicPath: PUBLIC,
    outdir: TARGET,
    write: false,
  });
  let text = '';
  for (const { path, contents } of outputFiles) {
    if (extname(path) === '.css') text = Buffer.from(contents).toString();
    else put(basename(path), contents);
  }
  return text;
}

/** @param {string} entry address of a module, within STATIC @returns {Promise<string>} the address of its bundle */
async function bundledAlone(entry) {
  const { outputFiles } = await build({
    entryPoints: [join(STATIC, entry)],
    bundle: true,
    format: 'esm',
    minify: true,
    target: BROWSERS,
    entryNames: '[name]-[hash]',
    legalComments: 'none',
    charset: 'utf8',
    outdir: TARGET,
    absWorkingDir: TARGET,
    write: false,
    plugins: [sources('null')],
  });
  return put(basename(outputFiles[0].path), outputFiles[0].contents);
}

mkdirSync(TARGET, { recursive: true });
for (const entry of alone.keys()) {
  if (existsSync(join(STATIC, entry))) {
    alone.set(entry, await bundledAlone(entry));
  }
}
for (const [name, file] of Object.entries(PAGES)) {
  const page = readFileSync(join(STATIC, file), 'utf8');
  const entry = page.match(SCRIPT)?.[2] ?? '';
  // Within the page the styles take no round trip of their own.
  const style = `    <style>${(await styles(page)).trim()}</style>\n`;
  for (const language of LANGUAGES) {
    const address = await script(entry, name, language);
    let isFirst = true;
    const built = page
      .replace(STYLESHEET, () => (isFirst ? ((isFirst = false), style) : ''))
      .replace(MODULE, '')
      .replace(SCRIPT, (_whole, before, _entry, after) => before + address + after)
      .replace(ASSET, (asset) => (asset.startsWith(PUBLIC) ? asset : kept(asset)));
    writeFileSync(join(TARGET, `${name}.${language}.html`), built);
  }
}
